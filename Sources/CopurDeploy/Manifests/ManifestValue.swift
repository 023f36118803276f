/// A value of a manifest: what YAML has, with the keys of a mapping in the order in which they were written.
///
/// ```swift
/// let port: ManifestValue = ["name": "grpc", "port": 8001]
/// ```
package indirect enum ManifestValue: Hashable, Sendable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([ManifestValue])
  case map([Entry])

  /// A key of a mapping and its value.
  package struct Entry: Hashable, Sendable {
    package var key: String
    package var value: ManifestValue

    package init(_ key: String, _ value: ManifestValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a mapping's key; nil if there is none. Setting one that is not there puts it last, and nil removes it.
  package subscript(key: String) -> ManifestValue? {
    get {
      guard case .map(let entries) = self else { return nil }
      return entries.first { $0.key == key }?.value
    }
    set {
      guard case .map(var entries) = self else { return }
      let place = entries.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(key, value))
      case (nil, nil): break
      }
      self = .map(entries)
    }
  }

  /// A mapping without the keys whose value is nil.
  package static func map(_ entries: KeyValuePairs<String, ManifestValue?>) -> ManifestValue {
    .map(entries.compactMap { key, value in value.map { Entry(key, $0) } })
  }

  /// A mapping of texts, in the order of its keys.
  package static func map(sorted texts: [String: String]) -> ManifestValue {
    .map(texts.sorted { $0.key < $1.key }.map { Entry($0.key, .text($0.value)) })
  }
}

extension ManifestValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package init(stringLiteral value: String) { self = .text(value) }
}

extension ManifestValue: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int) { self = .number(value) }
}

extension ManifestValue: ExpressibleByBooleanLiteral {
  package init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension ManifestValue: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: ManifestValue...) { self = .list(elements) }
}

extension ManifestValue: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, ManifestValue)...) {
    self = .map(elements.map { Entry($0.0, $0.1) })
  }
}

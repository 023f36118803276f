/// Settings that are kept as JSON: in a bundle, of a kind that was chosen in training.
public struct JSONSettings: SettingSource {
  private let values: [String: JSONValue]

  /// - Parameter values: By key.
  public init(_ values: [String: JSONValue]) { self.values = values }

  /// A kind's settings as JSON.
  public init(of kind: some Kind) {
    values = Dictionary(uniqueKeysWithValues: kind.members.map { ($0.key, JSONValue($0.value)) })
  }

  /// The values by key.
  public var object: [String: JSONValue] { values }

  public var keys: Set<String> { Set(values.keys) }

  public func value(of setting: SettingDescription, in context: KindContext) throws -> SettingValue? {
    guard let json = values[setting.key] else { return nil }
    guard let value = Self.value(json, as: setting.type, in: context) else {
      throw error("expected \(setting.type.rule)", at: setting.key)
    }
    return value
  }

  public func error(_ message: String, at key: String?) -> any Error {
    CopurError(.invalidData, key.map { "\"\($0)\": \(message)" } ?? message)
  }

  public func missing(_ key: String) -> any Error { CopurError(.invalidData, "\"\(key)\" is missing") }

  private static func value(_ json: JSONValue, as type: SettingType, in context: KindContext) -> SettingValue? {
    switch (type, json) {
    case (.integer(let range), .number(let number)):
      Int(exactly: number).flatMap { range.contains($0) ? .integer($0) : nil }
    case (.className, .number(let number)):
      Int(exactly: number).flatMap { context.classNames.indices.contains($0) ? .integer($0) : nil }
    case (.choiceOrInteger(_, _, let range), .number(let number)):
      Int(exactly: number).flatMap { range.contains($0) ? .integer($0) : nil }
    case (.number(let rule), .number(let number)):
      rule.allows(Float(number)) ? .number(Float(number)) : nil
    case (.boolean, .bool(let flag)): .boolean(flag)
    case (.choice(_, let names), .string(let text)), (.choiceOrInteger(_, let names, _), .string(let text)):
      names.contains(text) ? .text(text) : nil
    case (.choiceWithSettings(_, let choices), .string(let text)):
      choices.contains { $0.name == text } ? .text(text) : nil
    case (.choiceWithSettings(_, let choices), .object(let object)):
      choices.first { object["kind"] == .string($0.name) }
        .flatMap { members(object, $0.keys, in: context) }.map(SettingValue.mapping)
    case (.text, .string(let text)): text.isEmpty ? nil : .text(text)
    case (.texts(_, let least), .array(let items)):
      texts(items).flatMap { $0.count >= least && Set($0).count == $0.count ? .texts($0) : nil }
    case (.words, .array(let items)): texts(items).flatMap { $0.first?.isEmpty == false ? .texts($0) : nil }
    case (.mapping(_, let descriptions), .object(let object)):
      members(object, descriptions, in: context).map(SettingValue.mapping)
    default: nil
    }
  }

  private static func texts(_ items: [JSONValue]) -> [String]? {
    let texts = items.compactMap { item in if case .string(let text) = item { text } else { nil } }
    return texts.count == items.count ? texts : nil
  }

  private static func members(
    _ object: [String: JSONValue], _ descriptions: [SettingDescription], in context: KindContext
  ) -> [SettingValue.Member]? {
    var members: [SettingValue.Member] = []
    for (key, json) in object.sorted(by: { $0.key < $1.key }) {
      guard let description = descriptions.first(where: { $0.key == key }),
        let value = value(json, as: description.type, in: context)
      else { return nil }
      members.append(.init(key, value))
    }
    return members
  }
}

extension JSONValue {
  /// A setting's value.
  init(_ value: SettingValue) {
    switch value {
    case .integer(let number): self = .number(Double(number))
    case .number(let number): self = .number(Double(number))
    case .boolean(let flag): self = .bool(flag)
    case .text(let text): self = .string(text)
    case .texts(let texts): self = .array(texts.map(JSONValue.string))
    case .mapping(let members):
      self = .object(Dictionary(uniqueKeysWithValues: members.map { ($0.key, JSONValue($0.value)) }))
    }
  }
}

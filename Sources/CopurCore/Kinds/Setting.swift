/// One setting of a type: its description, and how it is written into a value and read out of one.
///
/// A setting is stated once, beside the property that it sets. The scenario's parser, `--defense` on the command line, the
/// reference in the documentation and the schema for editors are made from it.
public struct Setting<Owner>: Sendable {
  /// Key, rule and meaning.
  public let description: SettingDescription
  /// Writes a value that the rule allows.
  let write: @Sendable (inout Owner, SettingValue) -> Void
  /// Reads the value; nil if it is left open.
  let read: @Sendable (Owner) -> SettingValue?

  /// A setting whose value is converted by hand.
  ///
  /// - Parameters:
  ///   - description: Key, rule and meaning.
  ///   - read: The value; nil if it is left open.
  ///   - write: Sets a value that the rule allows.
  public init(
    _ description: SettingDescription, read: @escaping @Sendable (Owner) -> SettingValue?,
    write: @escaping @Sendable (inout Owner, SettingValue) -> Void
  ) {
    self.description = description
    self.read = read
    self.write = write
  }

  /// A whole number within bounds.
  public static func integer(
    _ key: String, _ path: any WritableKeyPath<Owner, Int> & Sendable, _ range: ClosedRange<Int>, _ summary: String,
    isRequired: Bool = false
  ) -> Setting {
    Setting(SettingDescription(key, .integer(range), summary, isRequired: isRequired)) {
      .integer($0[keyPath: path])
    } write: {
      if case .integer(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// A whole number within bounds that may be left open.
  public static func integer(
    _ key: String, _ path: any WritableKeyPath<Owner, Int?> & Sendable, _ range: ClosedRange<Int>, _ summary: String
  ) -> Setting {
    Setting(SettingDescription(key, .integer(range), summary)) {
      $0[keyPath: path].map(SettingValue.integer)
    } write: {
      if case .integer(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// A number.
  public static func number(
    _ key: String, _ path: any WritableKeyPath<Owner, Float> & Sendable, _ rule: SettingType.NumberRule,
    _ summary: String,
    isRequired: Bool = false
  ) -> Setting {
    Setting(SettingDescription(key, .number(rule), summary, isRequired: isRequired)) {
      .number($0[keyPath: path])
    } write: {
      if case .number(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// A number that may be left open.
  public static func number(
    _ key: String, _ path: any WritableKeyPath<Owner, Float?> & Sendable, _ rule: SettingType.NumberRule,
    _ summary: String
  ) -> Setting {
    Setting(SettingDescription(key, .number(rule), summary)) {
      $0[keyPath: path].map(SettingValue.number)
    } write: {
      if case .number(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// `true` or `false`.
  public static func boolean(
    _ key: String, _ path: any WritableKeyPath<Owner, Bool> & Sendable, _ summary: String
  ) -> Setting {
    Setting(SettingDescription(key, .boolean, summary)) {
      .boolean($0[keyPath: path])
    } write: {
      if case .boolean(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// Text that is not empty.
  ///
  /// - Parameter what: What the text is, with its article, such as "a CSV file".
  public static func text(
    _ key: String, _ path: any WritableKeyPath<Owner, String> & Sendable, of what: String, _ summary: String,
    isRequired: Bool = false
  ) -> Setting {
    Setting(SettingDescription(key, .text(what), summary, isRequired: isRequired)) {
      .text($0[keyPath: path])
    } write: {
      if case .text(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// Text that is not empty, and may be left open.
  ///
  /// - Parameter what: What the text is, with its article, such as "a column".
  public static func text(
    _ key: String, _ path: any WritableKeyPath<Owner, String?> & Sendable, of what: String, _ summary: String
  ) -> Setting {
    Setting(SettingDescription(key, .text(what), summary)) {
      $0[keyPath: path].map(SettingValue.text)
    } write: {
      if case .text(let value) = $1 { $0[keyPath: path] = value }
    }
  }

  /// A list of texts.
  ///
  /// - Parameters:
  ///   - what: What they are, in the plural.
  ///   - least: How many at least.
  public static func texts(
    _ key: String, _ path: any WritableKeyPath<Owner, [String]> & Sendable, of what: String, atLeast least: Int,
    _ summary: String, isRequired: Bool = false
  ) -> Setting {
    Setting(SettingDescription(key, .texts(of: what, atLeast: least), summary, isRequired: isRequired)) {
      .texts($0[keyPath: path])
    } write: {
      if case .texts(let values) = $1 { $0[keyPath: path] = values }
    }
  }

  /// One of the cases of an enumeration.
  ///
  /// - Parameter what: What is chosen, with its article, such as "a direction".
  public static func choice<Choice: RawRepresentable & CaseIterable & SendableMetatype>(
    _ key: String, _ path: any WritableKeyPath<Owner, Choice> & Sendable, of what: String, _ summary: String,
    isRequired: Bool = false
  ) -> Setting where Choice.RawValue == String {
    let type = SettingType.choice(of: what, Choice.allCases.map(\.rawValue))
    return Setting(SettingDescription(key, type, summary, isRequired: isRequired)) {
      .text($0[keyPath: path].rawValue)
    } write: {
      if case .text(let name) = $1, let value = Choice(rawValue: name) { $0[keyPath: path] = value }
    }
  }

  /// Settings of a part under a key of its own; a key that is left out there keeps its value.
  ///
  /// - Parameter what: What the part is, with its article.
  public static func mapping<Part>(
    _ key: String, _ path: any WritableKeyPath<Owner, Part> & Sendable, of what: String, _ settings: [Setting<Part>],
    _ summary: String
  ) -> Setting {
    Setting(SettingDescription(key, .mapping(of: what, settings.map(\.description)), summary)) {
      let part = $0[keyPath: path]
      return .mapping(settings.compactMap { setting in setting.member(of: part) })
    } write: {
      if case .mapping(let members) = $1 { Setting<Part>.apply(members, of: settings, to: &$0[keyPath: path]) }
    }
  }

  /// The key with its value in an owner; nil if it is left open.
  public func member(of owner: Owner) -> SettingValue.Member? {
    read(owner).map { SettingValue.Member(description.key, $0) }
  }

  /// The same setting of a part of an owner.
  public func at<Whole>(_ path: any WritableKeyPath<Whole, Owner> & Sendable) -> Setting<Whole> {
    Setting<Whole>(description) {
      read($0[keyPath: path])
    } write: {
      write(&$0[keyPath: path], $1)
    }
  }
}

extension Setting {
  /// Writes what was given of some settings into an owner.
  public static func apply(_ members: [SettingValue.Member], of settings: [Setting], to owner: inout Owner) {
    for member in members {
      settings.first { $0.description.key == member.key }?.write(&owner, member.value)
    }
  }
}

/// The values that a setting of a scenario takes.
public indirect enum SettingType: Hashable, Sendable {
  /// A whole number within bounds.
  case integer(ClosedRange<Int>)
  /// A finite number.
  case number(NumberRule)
  /// `true` or `false`.
  case boolean
  /// One of some names; `of` says what they name, with its article, such as "a direction".
  case choice(of: String, [String])
  /// One of some names, or a mapping with the name as its `kind` and settings of its own; `of` says what they name.
  case choiceWithSettings(of: String, [Choice])
  /// One of some names, or a whole number within bounds; `of` says what it is.
  case choiceOrInteger(of: String, [String], ClosedRange<Int>)
  /// One of some names, or a number; `of` says what it is.
  case choiceOrNumber(of: String, [String], NumberRule)
  /// Text that is not empty; the value says of what, with its article, such as "a CSV file".
  case text(String)
  /// A class of the data set, by its name or its number from 0; read as the number.
  case className
  /// Keys and values of their own; `of` says what they describe.
  case mapping(of: String, [SettingDescription])
  /// A list of texts, no two equal, at least some number of them; `of` says what they are, in the plural.
  case texts(of: String, atLeast: Int)
  /// The words of a command in their order, at least one, the first not empty; words may be equal.
  case words
  /// A mapping from agents' names to lists of texts.
  case textsByAgent(of: String)

  /// One of the names of a ``choiceWithSettings(of:_:)``.
  public struct Choice: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The keys that it has beside `kind`.
    public let settings: [SettingDescription]

    /// - Parameters:
    ///   - name: As scenarios spell it.
    ///   - settings: The keys that it has beside `kind`.
    public init(_ name: String, _ settings: [SettingDescription]) {
      self.name = name
      self.settings = settings
    }

    /// The keys of its mapping.
    public var keys: [SettingDescription] {
      [SettingDescription("kind", .choice(of: "a kind", [name]), "the name", isRequired: true)] + settings
    }
  }

  /// The numbers that a ``number(_:)`` takes.
  public enum NumberRule: String, Hashable, Sendable {
    /// Any finite one.
    case any = "a number"
    /// Over 0.
    case positive = "a number over 0"
    /// 0 or more.
    case nonNegative = "a number from 0 on"
    /// From 0 to 1.
    case fraction = "a number from 0 to 1"
    /// Over 0, at most 1.
    case positiveFraction = "a number over 0, at most 1"
    /// From 0 to under 1.
    case underOne = "a number from 0 to under 1"

    /// Whether it takes a number.
    public func allows(_ value: Float) -> Bool {
      switch self {
      case .any: value.isFinite
      case .positive: value > 0 && value.isFinite
      case .nonNegative: value >= 0 && value.isFinite
      case .fraction: (0...1).contains(value)
      case .positiveFraction: value > 0 && value <= 1
      case .underOne: (0..<1).contains(value)
      }
    }
  }

  /// The rule in words, as documentation and schema give it.
  public var rule: String {
    switch self {
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let rule): rule.rawValue
    case .boolean: "`true` or `false`"
    case .choice(_, let names): names.map { "`\($0)`" }.joined(separator: ", ")
    case .choiceWithSettings(_, let choices):
      choices.map { choice in
        "`\(choice.name)`"
          + (choice.settings.isEmpty
            ? ""
            : " or a mapping with `kind: \(choice.name)` and "
              + choice.settings.map { "`\($0.key)`" }.joined(separator: ", "))
      }.joined(separator: "; ")
    case .choiceOrInteger(_, let names, let range):
      names.map { "`\($0)`" }.joined(separator: ", ")
        + ", or a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choiceOrNumber(_, let names, let rule):
      names.map { "`\($0)`" }.joined(separator: ", ") + ", or \(rule.rawValue)"
    case .text(let what): what
    case .className: "a class's name or number"
    case .mapping(_, let keys): "a mapping: " + keys.map { "`\($0.key)`" }.joined(separator: ", ")
    case .texts(let what, _): "a list of \(what)"
    case .words: "a list of words"
    case .textsByAgent(let what): "a mapping of \(what)"
    }
  }
}

/// A setting's key, rule and meaning: what parser, reference and schema are made from.
public struct SettingDescription: Hashable, Sendable {
  /// The key, as scenarios spell it.
  public let key: String
  /// The values that it takes.
  public let type: SettingType
  /// The setting's effect in a line without a full stop.
  public let summary: String
  /// Whether it has to be given.
  public let isRequired: Bool

  /// - Parameter summary: What it does, in a line without a full stop.
  public init(_ key: String, _ type: SettingType, _ summary: String, isRequired: Bool = false) {
    self.key = key
    self.type = type
    self.summary = summary
    self.isRequired = isRequired
  }
}

/// A kind of thing that scenarios name and set: an attack, a defence, a data set.
///
/// A kind's settings are the properties of its type. Its first value, before a scenario changes any, has the defaults.
public protocol Kind: Hashable, Sendable {
  /// The settings, in the order in which documentation and messages list them.
  static var settings: [Setting<Self>] { get }

  /// Checks what no setting can check alone.
  ///
  /// - Throws: ``SettingError`` at the key to blame.
  func validate(in context: KindContext, given keys: Set<String>) throws(SettingError)
}

extension Kind {
  public static var settings: [Setting<Self>] { [] }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {}
}

/// The circumstances that a kind's rules and defaults may depend on.
public struct KindContext: Sendable {
  /// The agents of the scenario, in the model's order.
  public var agents: [AgentID]
  /// The data set's classes.
  public var classNames: [String]
  /// Who the scenario wants to be protected from.
  public var threat: Threat

  /// - Parameters:
  ///   - agents: The agents of the scenario, in the model's order.
  ///   - classNames: The data set's classes.
  ///   - threat: Who the scenario wants to be protected from.
  public init(agents: [AgentID], classNames: [String], threat: Threat = .standard) {
    self.agents = agents
    self.classNames = classNames
    self.threat = threat
  }
}

/// A rule that the settings of a kind break together.
public struct SettingError: Error, Hashable {
  /// The key to blame, if it was given; else the whole is.
  public let key: String?
  /// The rule and the value.
  public let message: String

  /// - Parameter key: The key to blame; nil for the whole.
  public init(_ message: String, at key: String? = nil) {
    self.message = message
    self.key = key
  }
}

/// A source that settings are read from: a mapping of a scenario, which says errors with line and caret.
public protocol SettingSource {
  /// The keys that were given.
  var keys: Set<String> { get }
  /// The value of a key, checked by its rule; nil if it was not given.
  ///
  /// - Throws: An error at the value that breaks the rule.
  func value(of setting: SettingDescription, in context: KindContext) throws -> SettingValue?
  /// An error at the value of a key, or at the whole if it was not given.
  func error(_ message: String, at key: String?) -> any Error
  /// The error that a key is missing.
  func missing(_ key: String) -> any Error
}

extension Kind {
  /// This value with what a source gives.
  ///
  /// - Throws: What the source throws, at the first value that breaks a rule.
  public func reading(from source: any SettingSource, in context: KindContext) throws -> Self {
    var result = self
    for setting in Self.settings {
      if let value = try source.value(of: setting.description, in: context) {
        setting.write(&result, value)
      } else if setting.description.isRequired {
        throw source.missing(setting.description.key)
      }
    }
    do {
      try result.validate(in: context, given: source.keys)
    } catch {
      throw source.error(error.message, at: error.key)
    }
    return result
  }

  /// Keys and values as they stand, without those left open.
  public var members: [SettingValue.Member] { Self.settings.compactMap { $0.member(of: self) } }
}

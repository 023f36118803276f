/// Who a scenario wants to be protected from: the `protect:` section.
public struct Threat: Hashable, Sendable, Codable {
  /// The number of agents that may lie, whichever they are; 0 if ``agents`` are named.
  public var any: Int
  /// The agents that may lie, always these; empty if it may be any.
  public var agents: [AgentID]
  /// The number of further agents that may be silent, whichever they are, with or without a reason.
  public var missing: Int

  /// Any number of agents.
  ///
  /// - Parameters:
  ///   - any: How many may lie.
  ///   - missing: How many further ones may be silent.
  public init(any: Int, missing: Int = 0) {
    self.any = any
    agents = []
    self.missing = missing
  }

  /// Named agents.
  ///
  /// - Parameters:
  ///   - agents: Those that may lie; at least one.
  ///   - missing: How many further ones may be silent.
  public init(agents: [AgentID], missing: Int = 0) {
    any = 0
    self.agents = agents
    self.missing = missing
  }

  /// Any one agent: what a scenario is protected from that does not say.
  public static let standard = Threat(any: 1)

  /// In words, such as "any 2" or "phone, time".
  public var words: String {
    let liars = agents.isEmpty ? "any \(any)" : agents.map(\.name).joined(separator: ", ")
    return missing == 0 ? liars : "\(liars), \(missing) more missing"
  }
}

extension Threat: Kind {
  /// The keys of the section `protect`.
  public static var settings: [Setting<Threat>] {
    [
      .integer("any", \.any, 0...10_000, "how many agents may lie, whichever they are"),
      Setting(
        SettingDescription("agents", .texts(of: "agents", atLeast: 1), "the agents that may lie, in place of `any`")
      ) {
        $0.agents.isEmpty ? nil : .texts($0.agents.map(\.name))
      } write: {
        if case .texts(let names) = $1 {
          $0.agents = names.compactMap { try? AgentID($0) }
          $0.any = 0
        }
      },
      .integer("missing", \.missing, 0...10_000, "how many further agents may be silent"),
    ]
  }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    guard !(keys.contains("any") && keys.contains("agents")) else {
      throw SettingError("either \"any\" or \"agents\" says who may lie (actual: both)", at: "agents")
    }
    guard !keys.isEmpty else { throw SettingError("\"any\" or \"agents\" says who may lie (actual: neither)") }
    for agent in agents where !context.agents.contains(agent) {
      throw SettingError(
        "an agent of the scenario is one of \(context.agents.map(\.name).joined(separator: ", ")) (actual: \"\(agent)\")",
        at: "agents")
    }
    let count = context.agents.count
    guard any + agents.count + missing < count else {
      throw SettingError(
        "of \(count) agents at most \(count - 1) lie or are silent (actual: \(any + agents.count + missing))",
        at: keys.contains("missing") && missing > 0 ? "missing" : keys.contains("any") ? "any" : "agents")
    }
  }
}

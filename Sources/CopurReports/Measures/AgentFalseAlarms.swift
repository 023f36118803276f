/// The rate at which one honest agent is named suspect.
public struct AgentFalseAlarms: Hashable, Sendable {
  /// The agent.
  public var agent: String
  /// The fraction of the samples of which it sent an honest embedding in which it is named; nil if there is none.
  public var rate: Double?

  /// - Parameter rate: From 0 to 1; nil if the agent sent no honest embedding.
  public init(agent: String, rate: Double?) {
    self.agent = agent
    self.rate = rate
  }

  /// The rates of all agents, in the model's order: their mean hides the one that is named all day.
  ///
  /// - Parameters:
  ///   - agents: The agents' names, M of them.
  ///   - named: For each sample whether each agent is suspect; nil where there was no verdict or the defence names none.
  ///   - observed: Whether an agent sent something for a sample: [n, M], row-major.
  ///   - lied: Whether an agent sent an adversarial embedding of a sample: [n, M], row-major.
  /// - Returns: Nil if the defence names none.
  public static func of(
    agents: [String], named: [[Bool]?], observed: [Bool], lied: [Bool]
  ) -> [AgentFalseAlarms]? {
    guard named.contains(where: { $0 != nil }) else { return nil }
    return agents.enumerated().map { agent, name in
      let honest = named.indices.filter {
        observed[$0 * agents.count + agent] && !lied[$0 * agents.count + agent]
      }
      let alarms = honest.count { named[$0]?[agent] ?? false }
      return AgentFalseAlarms(agent: name, rate: honest.isEmpty ? nil : Double(alarms) / Double(honest.count))
    }
  }
}

extension AgentFalseAlarms: Decodable {
  private enum CodingKeys: String, CodingKey { case agent, rate }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rate = try container.decodeIfPresent(Double.self, forKey: .rate)
    guard rate.map((0...1).contains) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .rate, in: container, debugDescription: "a number from 0 to 1 (actual: \(rate ?? 0))")
    }
    self.init(agent: try container.decode(String.self, forKey: .agent), rate: rate)
  }
}

internal import CopurNumerics

/// The signs of a trigger, one a feature of an agent: the same in training and at inference.
public struct TriggerPattern: Hashable, Sendable {
  /// ±1, as many as the agent has features.
  public let signs: [Float]

  /// - Parameters:
  ///   - agent: Whose features it is added to.
  ///   - width: How many features the agent has.
  ///   - seed: The run's seed.
  public init(agent: AgentID, width: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed, purpose: "trigger of \(agent)")
    signs = (0..<width).map { _ in generator.uniform() < 0.5 ? -1 : 1 }
  }
}

/// The fusion center's answer to a round, once it is closed.
public struct Verdict: Hashable, Sendable {
  /// The session, the first half of the round's name.
  public var session: String
  /// The sample, the second half of the round's name.
  public var sample: UInt64
  /// The version of the model that decided.
  public var modelVersion: String
  /// The defence that decided.
  public var defense: String
  /// The agents whose blocks were used, in the model's order.
  public var contributed: [AgentID]
  /// The agents that had sent nothing usable by the deadline.
  public var missing: [AgentID]
  /// The decision; nil if the round was closed with fewer blocks than its quorum.
  public var decision: Decision?
  /// The distributed trace that the round belongs to, as the header `traceparent` (W3C Trace Context, section 3.2); nil if
  /// nobody named one. It says how the round was asked for and is no part of what was decided: no journal keeps it.
  public var traceparent: String?

  /// - Parameter contributed: With `missing` every expected agent once, both in the model's order.
  public init(
    session: String, sample: UInt64, modelVersion: String, defense: String, contributed: [AgentID], missing: [AgentID],
    decision: Decision?, traceparent: String? = nil
  ) {
    self.session = session
    self.sample = sample
    self.modelVersion = modelVersion
    self.defense = defense
    self.contributed = contributed
    self.missing = missing
    self.decision = decision
    self.traceparent = traceparent
  }
}

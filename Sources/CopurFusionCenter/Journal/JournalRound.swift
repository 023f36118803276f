public import CopurCore

/// A round as a journal tells of it.
public struct JournalRound: Sendable, Hashable {
  /// The states of a round in a journal.
  public enum Status: String, Sendable, CaseIterable {
    /// It has a verdict with a decision.
    case decided
    /// It has a verdict without one: there were fewer blocks than the quorum.
    case undecided
    /// It was given up, and will have no verdict.
    case aborted
    /// It has blocks and no verdict.
    case open
  }

  /// The first half of the round's name.
  public let session: String
  /// The second half of the round's name.
  public let sample: UInt64
  /// The state that it came to.
  public let status: Status
  /// The agents that have a block in it, in the model's order.
  public let contributed: [AgentID]
  /// The agents that it was decided without; empty without a verdict.
  public let missing: [AgentID]
  /// The agents that the defence holds suspect; nil if it names none.
  public let suspects: [AgentID]?
  /// The predicted class.
  public let label: Int?
  /// The largest q for which the class stands whatever any q agents send or withhold; nil if the verdict does not say.
  public let certifiedAgents: Int?
  /// The version of the model that decided, or, without a verdict, of the one that made the first block.
  public let modelVersion: String
  /// The defence that decided, or the session's.
  public let defense: String
  /// Why it was given up.
  public let reason: String?

  /// A round that has a verdict.
  ///
  /// - Parameter agents: Those of the model that decided, in its order.
  public init(_ verdict: Verdict, agents: [AgentID]) {
    session = verdict.session
    sample = verdict.sample
    status = verdict.decision == nil ? .undecided : .decided
    contributed = verdict.contributed
    missing = verdict.missing
    suspects = verdict.decision?.suspects.map { suspects in agents.indices.filter { suspects[$0] }.map { agents[$0] } }
    label = verdict.decision?.label
    certifiedAgents = verdict.decision?.certifiedAgents
    modelVersion = verdict.modelVersion
    defense = verdict.defense
    reason = nil
  }

  /// A round without a verdict.
  ///
  /// - Parameters:
  ///   - status: `.aborted` or `.open`.
  ///   - contributed: The agents that have a block in it, in the model's order.
  ///   - modelVersion: The version of the model that made the first block.
  ///   - defense: The session's.
  ///   - reason: Why it was given up; nil if it is open.
  public init(
    session: String, sample: UInt64, status: Status, contributed: [AgentID], modelVersion: String, defense: String,
    reason: String?
  ) {
    self.session = session
    self.sample = sample
    self.status = status
    self.contributed = contributed
    missing = []
    suspects = nil
    label = nil
    certifiedAgents = nil
    self.modelVersion = modelVersion
    self.defense = defense
    self.reason = reason
  }
}

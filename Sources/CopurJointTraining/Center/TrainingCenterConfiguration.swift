public import CopurCore
public import Foundation

/// What a fusion center trains over the network, and how it takes absent agents.
public struct TrainingCenterConfiguration: Sendable {
  /// The treatment of an agent that is away.
  public enum Absence: Hashable, Sendable {
    /// All wait until it is back.
    case wait
    /// After so long it is missing from then on, in all rows.
    case leaveOut(after: Duration)
  }

  /// The agents, in the model's order.
  public var agents: [AgentID]
  /// The name of each class; labels count from 0.
  public var classNames: [String]
  /// When an agent is missing in a row.
  public var silence: SilenceRule
  /// What else tells this training from others, such as settings and seed.
  public var purpose: String
  /// What becomes of an agent that is away.
  public var absence = Absence.wait
  /// How often a training can be gone back to, at the ends of epochs; 0 for each.
  public var checkpointInterval = Duration.seconds(5)
  /// The folder with checkpoints, so that a center that was killed goes on; nil: there are none.
  public var state: URL?
  /// What synchronous steps are taken on: an event loop that serves the agents' connections takes no change of threads a
  /// batch. Nil: what the training is called on.
  public var executor: (any TaskExecutor)?
  /// The most rows that an agent may have.
  public var maximumRows = 10_000_000

  /// - Parameter purpose: What else tells this training from others, such as settings and seed.
  public init(agents: [AgentID], classNames: [String], silence: SilenceRule, purpose: String) {
    self.agents = agents
    self.classNames = classNames
    self.silence = silence
    self.purpose = purpose
  }
}

public import CopurCore

/// The rules by which a round is closed and gets a verdict: the `rounds:` section of a scenario.
public struct RoundSettings: Hashable, Sendable {
  /// The time from its first contribution for which a round waits for the others.
  public var deadline: Duration
  /// Whether somebody has said the deadline; if not, a simulation of many agents measures how long they take.
  public var isDeadlineGiven = false
  /// The number of agents that have to have contributed for a verdict; at least 1.
  public var quorum: Int
  /// The verdicts that say how many agents they withstand.
  public var certification: Certification

  /// The service's defaults, where nothing else is given.
  public init(deadline: Duration = .milliseconds(250), quorum: Int = 1, certification: Certification = .cheap) {
    self.deadline = deadline
    self.quorum = quorum
    self.certification = certification
  }
}

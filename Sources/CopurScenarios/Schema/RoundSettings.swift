public import CopurCore

/// When a round is closed and whether it gives a verdict: the `rounds:` section of a scenario.
public struct RoundSettings: Hashable, Sendable {
  /// How long after its first contribution a round waits for the others.
  public var deadline: Duration
  /// Whether somebody has said the deadline; if not, a simulation of many agents measures how long they take.
  public var isDeadlineGiven = false
  /// How many agents have to have contributed for a verdict; at least 1.
  public var quorum: Int
  /// Which verdicts say how many agents they withstand.
  public var certification: Certification

  /// The service's defaults, where nothing else is given.
  public init(deadline: Duration = .milliseconds(250), quorum: Int = 1, certification: Certification = .cheap) {
    self.deadline = deadline
    self.quorum = quorum
    self.certification = certification
  }
}

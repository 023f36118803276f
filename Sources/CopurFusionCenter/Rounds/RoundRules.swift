/// The rules by which sessions open and rounds close.
package struct RoundRules: Hashable, Sendable {
  /// The time that a round waits once its clock runs.
  package var deadline: Duration
  /// The time for which a session is idle before its rounds that were asked for, and whose clock does not run, are closed.
  package var idleTimeout: Duration
  /// The fewest blocks that give a decision.
  package var quorum = 1
  /// The number of agents that have to have spoken before a round's clock starts.
  package var speakers = 1
  /// The time that a session waits for its agents after the last of them came; 0: its clocks run from the beginning.
  package var sessionWait = Duration.zero
  /// The time that an agent without a stream is waited for; nil: as long as any other.
  package var reconnectGrace: Duration?
  /// The longest that a round goes on after its deadline for agents that are catching up.
  package var catchUp = Duration.zero
  /// The shortest deadline where it follows the agents' delays, the longest being ``deadline``; nil: it does not.
  package var shortestDeadline: Duration?

  /// The rules of a table that knows of no liars: a clock starts with the first word, and nobody is waited for.
  package init(deadline: Duration, idleTimeout: Duration) {
    self.deadline = deadline
    self.idleTimeout = idleTimeout
  }
}

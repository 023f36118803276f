/// What an agent did in a round.
package enum AgentOutcome: String, Sendable {
  /// Its block was used, and nothing speaks against it.
  case contributed = "."
  /// Its block came, and is none that a clean agent sends.
  case suspect = "!"
  /// Its block did not come by the deadline.
  case missing = "-"
}

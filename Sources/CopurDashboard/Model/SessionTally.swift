/// The tally of a session so far.
package struct SessionTally: Encodable, Sendable {
  package let session: String
  package var defense: String
  package var rounds = 0
  /// Rounds with too few blocks for a decision.
  package var undecided = 0
  /// Rounds that named a suspect.
  package var accused = 0
  /// Rounds whose right label is known, and those of them that were decided right.
  package var labelled = 0
  package var right = 0
}

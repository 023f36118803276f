/// A round that has closed and waits for its decision.
package struct ClosedRound: Sendable, Hashable {
  /// The session's name.
  package let session: String
  /// The sample.
  package let sample: UInt64
  /// The position of the session's defence.
  package let defense: Int
  /// h, with zeros that mean nothing where a block is missing; empty if all are.
  package let embedding: [Float]
  /// Whether each agent's block is in the embedding: Ω.
  package let observed: [Bool]
  /// The time at which its clock started; nil if too few spoke for that.
  package let opened: Duration?

  package init(
    session: String, sample: UInt64, defense: Int, embedding: [Float], observed: [Bool], opened: Duration? = nil
  ) {
    self.session = session
    self.sample = sample
    self.defense = defense
    self.embedding = embedding
    self.observed = observed
    self.opened = opened
  }

  /// |Ω|.
  package var observedCount: Int { observed.count { $0 } }
}

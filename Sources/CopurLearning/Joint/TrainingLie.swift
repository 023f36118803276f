public import CopurNumerics

/// The lie of a compromised agent in training, in place of its embeddings.
public struct TrainingLie: Hashable, Sendable {
  /// The ways to falsify embeddings.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// −a·h.
    case flip
    /// a·h.
    case scale
    /// h and normal noise of a times its root mean square.
    case noise
    /// The embeddings that were sent one contact before, row by row; the first contact is honest.
    case replay
  }

  /// The way in which embeddings are falsified.
  public var kind: Kind
  /// a, over 0; of no use to a replay.
  public var amplification: Float

  /// - Parameter amplification: a, over 0.
  public init(_ kind: Kind, amplification: Float = 1) {
    self.kind = kind
    self.amplification = amplification
  }

  /// The embeddings that are sent of rows outside of steps, where nothing was sent before: a replay is honest there.
  ///
  /// - Parameters:
  ///   - rows: The rows' numbers, by which noise is drawn: whatever else is asked for, a row's is the same.
  ///   - seed: What noise follows from.
  public func applied(to embeddings: Matrix, rows: [Int], seed: UInt64) -> Matrix {
    var lied = embeddings
    switch kind {
    case .flip: for index in lied.values.indices { lied.values[index] *= -amplification }
    case .scale: for index in lied.values.indices { lied.values[index] *= amplification }
    case .replay: break
    case .noise:
      for (place, row) in rows.enumerated() {
        var generator = SeededGenerator(seed: seed, purpose: "lie about row \(row)")
        let values = embeddings[row: place]
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, values.count))
        for column in 0..<embeddings.columns {
          lied[place, column] += Float(Double(amplification) * square.squareRoot() * generator.normal())
        }
      }
    }
    return lied
  }

  /// The embeddings that are sent in a step.
  ///
  /// - Parameter before: What was sent one contact before; nil at the first.
  func sent(_ embeddings: Matrix, rows: [Int], before: Matrix?, seed: UInt64) -> Matrix {
    guard kind == .replay else { return applied(to: embeddings, rows: rows, seed: seed) }
    guard let before, before.rows > 0 else { return embeddings }
    // The last batch of an epoch is shorter than the others.
    return before.selecting(rows: (0..<embeddings.rows).map { $0 % before.rows })
  }
}

public import CopurNumerics

/// The truth about rows that were spoiled for a simulation.
public struct PoisonedRows: Hashable, Sendable {
  /// The features as they were, [n, D_x], by which agents standardise.
  public let honest: Matrix
  /// The classes as they were.
  public let labels: [Int]
  /// Whether each row was spoiled.
  public let isPoisoned: [Bool]

  /// - Precondition: As many rows in each.
  public init(honest: Matrix, labels: [Int], isPoisoned: [Bool]) {
    precondition(honest.rows == labels.count && isPoisoned.count == labels.count)
    self.honest = honest
    self.labels = labels
    self.isPoisoned = isPoisoned
  }

  /// The rows of the given numbers, in that order.
  func selecting(_ numbers: some Collection<Int>) -> PoisonedRows {
    PoisonedRows(
      honest: honest.selecting(rows: numbers), labels: numbers.map { labels[$0] },
      isPoisoned: numbers.map { isPoisoned[$0] })
  }
}

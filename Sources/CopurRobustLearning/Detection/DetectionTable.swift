public import CopurNumerics

/// A table in which anomalies are looked for.
public struct DetectionTable: Sendable {
  /// The name in results.
  public let name: String
  /// [n, d]; NaN where a value is missing.
  public let rows: Matrix
  /// Whether each row is an anomaly; nil where nobody knows. Never used to fit.
  public let truth: [Bool]?

  /// - Precondition: A truth a row, where there is one.
  public init(name: String, rows: Matrix, truth: [Bool]?) {
    precondition(truth.map { $0.count == rows.rows } ?? true)
    self.name = name
    self.rows = rows
    self.truth = truth
  }

  /// The same with a share of all cells missing.
  public func missing(_ share: Double, seed: UInt64) -> DetectionTable {
    guard share > 0 else { return self }
    var generator = SeededGenerator(seed: seed, purpose: "missing cells")
    var rows = rows
    for index in rows.values.indices where generator.uniform() < share { rows.values[index] = .nan }
    return DetectionTable(name: name, rows: rows, truth: truth)
  }
}

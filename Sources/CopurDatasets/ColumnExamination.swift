public import CopurCore
internal import CopurNumerics

/// An examination of columns by training rows, before anything is learned of them: for such as say nothing, say the same
/// twice, or say too much.
public struct ColumnExamination {
  private let dataset: Dataset
  private let rows: Matrix

  /// A column that says the label in fewer rows may do so by chance.
  private static let fewestRows = 20
  /// The number of columns that a note names.
  private static let named = 5

  /// - Parameter dataset: Of which only the training rows are looked at.
  public init(_ dataset: Dataset) {
    self.dataset = dataset
    rows = dataset.train.features
  }

  /// Warnings, a sentence each; columns are named with their agents.
  public var notes: [String] {
    var notes: [String] = []
    let columns = (0..<rows.columns).map { Column(rows, $0) }
    note(
      columns.indices.filter { columns[$0].readings == 0 },
      "without a reading in any training row, so that nothing is learned of them", &notes)
    note(
      columns.indices.filter { columns[$0].readings > 0 && columns[$0].isConstant },
      "without any spread in training rows, so that they count for nothing later, whatever they are then", &notes)
    note(
      columns.indices.filter { !columns[$0].isConstant && columns[$0].isCoarse },
      "with values that differ by less than 1/100,000 of their size, which single precision rounds: take an offset off in "
        + "the data", &notes)
    note(
      columns.indices.filter { !columns[$0].isConstant && saysLabel($0) },
      "that say the label by themselves in every training row: if they come from the label, every figure is too good",
      &notes)
    notes += shared(columns)
    return notes
  }

  private func note(_ columns: [Int], _ what: String, _ notes: inout [String]) {
    guard !columns.isEmpty else { return }
    notes.append("columns \(what): \(names(columns))")
  }

  private func names(_ columns: [Int]) -> String {
    columns.prefix(Self.named).map { "\(dataset.featureNames[$0]) (agent \(agent(of: $0)))" }.joined(separator: ", ")
      + (columns.count > Self.named ? " and \(columns.count - Self.named) more" : "")
  }

  private func agent(of column: Int) -> AgentID {
    dataset.roster.agents[(0..<dataset.roster.count).first { dataset.roster.layout[$0].contains(column) }!]
  }

  /// Whether each value of a column stands for one class, and there are no more values than classes.
  private func saysLabel(_ column: Int) -> Bool {
    guard rows.rows >= Self.fewestRows else { return false }
    var classes: [Float: Int] = [:]
    for row in 0..<rows.rows {
      let value = rows[row, column]
      let label = dataset.train.labels[row]
      guard !value.isNaN, classes[value, default: label] == label else { return false }
      classes[value] = label
      guard classes.count <= dataset.classNames.count else { return false }
    }
    return Set(classes.values).count == classes.count && classes.count == Set(dataset.train.labels).count
  }

  /// Columns of different agents that are the same in every training row: who holds one of the agents has both.
  private func shared(_ columns: [Column]) -> [String] {
    var first: [Column: Int] = [:]
    var pairs: [(Int, Int)] = []
    for (index, column) in columns.enumerated() where !column.isConstant {
      guard let before = first[column] else {
        first[column] = index
        continue
      }
      let isSame = (0..<rows.rows).allSatisfy { row in
        rows[row, before].bitPattern == rows[row, index].bitPattern
      }
      if isSame, agent(of: before) != agent(of: index) { pairs.append((before, index)) }
    }
    guard !pairs.isEmpty else { return [] }
    let examples = pairs.prefix(Self.named).map { names([$0.0]) + " and " + names([$0.1]) }.joined(separator: "; ")
    return [
      "agents that hold the same column: \(examples)\(pairs.count > Self.named ? " and \(pairs.count - Self.named) more" : ""): "
        + "one that is wrong is wrong in all of them, which is more agents than one"
    ]
  }

  /// The traits of a column's values; equal where columns may be the same.
  private struct Column: Hashable {
    let readings: Int
    let mean: Double
    let deviation: Double

    init(_ rows: Matrix, _ column: Int) {
      let values = (0..<rows.rows).map { Double(rows[$0, column]) }.filter { !$0.isNaN }
      readings = values.count
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))).squareRoot()
      self.mean = mean
    }

    /// By the standardiser's rule.
    var isConstant: Bool { deviation <= 1e-6 * mean.magnitude || !Float(deviation).isNormal }
    var isCoarse: Bool { deviation < 1e-5 * mean.magnitude }
  }
}

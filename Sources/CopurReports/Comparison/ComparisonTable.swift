/// The table that `copur compare` prints: attacks and defences down, both runs' accuracy and the differences across.
public struct ComparisonTable {
  private let comparison: RunComparison

  public init(_ comparison: RunComparison) { self.comparison = comparison }

  /// What the columns are, in sentences.
  static func notes(_ comparison: RunComparison) -> [String] {
    let measurements = comparison.measurements
    let methods = Set(measurements.map(\.method))
    return [
      "Percent of the test rows; differences are B less A in points, with 95 % intervals in brackets.",
      methods.contains(.rows)
        ? "Intervals where rows are counted: of runs of 30 consecutive rows (bootstrap), for these trained models. p: "
          + "McNemar's exact test, which takes each row for itself"
          + (measurements.contains { $0.p != nil && $0.seeds.count > 1 } ? "; of several seeds twice their mean." : ".")
        : nil,
      methods.contains(.seeds) || !comparison.certificates.isEmpty
        ? "Other intervals: Student's, over the seeds that both have; none of one seed." : nil,
    ].compactMap { $0 }
  }

  /// p with two digits; a dash for none.
  static func p(_ value: Double?) -> String {
    guard let value else { return Number.none }
    return value < 0.001 ? "<0.001" : Number.fixed(value, decimals: value < 0.1 ? 3 : 2)
  }

  /// The table as text that ends in a line feed.
  ///
  /// - Parameter isTerminal: Whether it goes to a terminal, which shows colours.
  public func rendered(isTerminal: Bool) -> String {
    var text =
      "A: \(comparison.first.folder) (\(comparison.first.scenario))\n"
      + "B: \(comparison.second.folder) (\(comparison.second.scenario))\n"
      + "\(comparison.dataset), \(comparison.testRows) test rows\n"
    if !comparison.measurements.isEmpty { text += "\n" + measurements(isTerminal) }
    if !comparison.certificates.isEmpty { text += "\n" + certificates(isTerminal) }
    text += "\n" + Self.notes(comparison).joined(separator: "\n") + "\n"
    for (name, only) in [("A", comparison.onlyInFirst), ("B", comparison.onlyInSecond)] where !only.isEmpty {
      text += "\nOnly in \(name):\n" + only.map { "  \($0)\n" }.joined()
    }
    return text
  }

  private func measurements(_ isTerminal: Bool) -> String {
    var grid = TextGrid(columns: 9)
    grid.addRow(
      ["attack", "defence"].map { TextGrid.Cell($0, alignment: .left) }
        + ["A", "B", "difference", "balanced difference", "only A right", "only B right", "p"].map { TextGrid.Cell($0) }
    )
    grid.addRule()
    for row in comparison.measurements {
      grid.addRow(
        [row.attack, row.defense].map { TextGrid.Cell($0, alignment: .left) }
          + [
            TextGrid.Cell(Summary(mean: row.first, deviation: nil).percent),
            TextGrid.Cell(Summary(mean: row.second, deviation: nil).percent),
            cell(row.accuracy), cell(row.balancedAccuracy),
            TextGrid.Cell(row.onlyFirstRight.map { "\($0)" } ?? Number.none),
            TextGrid.Cell(row.onlySecondRight.map { "\($0)" } ?? Number.none), TextGrid.Cell(Self.p(row.p)),
          ])
    }
    return grid.rendered(isTerminal: isTerminal)
  }

  private func certificates(_ isTerminal: Bool) -> String {
    var grid = TextGrid(columns: 6)
    grid.addRow(
      ["certified against", "defence"].map { TextGrid.Cell($0, alignment: .left) }
        + ["A", "B", "difference", "balanced difference"].map { TextGrid.Cell($0) })
    grid.addRule()
    for row in comparison.certificates {
      grid.addRow(
        [row.compromised, row.defense].map { TextGrid.Cell($0, alignment: .left) }
          + [
            TextGrid.Cell(Summary(mean: row.first, deviation: nil).percent),
            TextGrid.Cell(Summary(mean: row.second, deviation: nil).percent),
            cell(row.certified), cell(row.certifiedBalanced),
          ])
    }
    return grid.rendered(isTerminal: isTerminal)
  }

  private func cell(_ difference: PairedDifference) -> TextGrid.Cell {
    TextGrid.Cell(difference.words, style: difference.isClear ? .bold : .plain)
  }
}

/// The table that `copur compare` prints: attacks and defences down, both runs' accuracy and the differences across.
public struct ComparisonTable {
  private let comparison: RunComparison

  public init(_ comparison: RunComparison) { self.comparison = comparison }

  /// The meaning of the columns, in sentences.
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
  /// - Parameters:
  ///   - isTerminal: Whether it goes to a terminal, which shows colours.
  ///   - width: How many characters a line may have: a wider table is folded, its columns under one another. Nil: as many as
  ///     it takes.
  public func rendered(isTerminal: Bool, width: Int? = nil) -> String {
    var text =
      "A: \(comparison.first.folder) (\(comparison.first.scenario))\n"
      + "B: \(comparison.second.folder) (\(comparison.second.scenario))\n"
      + "\(comparison.dataset), \(comparison.testRows) test rows\n"
    if !comparison.measurements.isEmpty { text += "\n" + measurements.rendered(isTerminal: isTerminal, width: width) }
    if !comparison.certificates.isEmpty { text += "\n" + certificates.rendered(isTerminal: isTerminal, width: width) }
    text += "\n" + TextWrap.wrapped(Self.notes(comparison).joined(separator: "\n"), width: width) + "\n"
    for (name, only) in [("A", comparison.onlyInFirst), ("B", comparison.onlyInSecond)] where !only.isEmpty {
      text += "\nOnly in \(name):\n" + only.map { "  \($0)\n" }.joined()
    }
    return text
  }

  private var measurements: FoldingGrid {
    var grid = FoldingGrid(
      corners: ["attack", "defence"],
      groups: [["A", "B"], ["difference"], ["balanced difference"], ["only A right", "only B right", "p"]].map {
        .init(title: "", columns: $0)
      })
    for row in comparison.measurements {
      grid.addRow(
        [row.attack, row.defense],
        cells: [
          rates(row.first, row.second), [cell(row.accuracy)], [cell(row.balancedAccuracy)],
          [row.onlyFirstRight, row.onlySecondRight].map { TextGrid.Cell($0.map { "\($0)" } ?? Number.none) }
            + [TextGrid.Cell(Self.p(row.p))],
        ])
    }
    return grid
  }

  private var certificates: FoldingGrid {
    var grid = FoldingGrid(
      corners: ["certified against", "defence"],
      groups: [["A", "B"], ["difference"], ["balanced difference"]].map { .init(title: "", columns: $0) })
    for row in comparison.certificates {
      grid.addRow(
        [row.compromised, row.defense],
        cells: [rates(row.first, row.second), [cell(row.certified)], [cell(row.certifiedBalanced)]])
    }
    return grid
  }

  private func rates(_ first: Double, _ second: Double) -> [TextGrid.Cell] {
    [first, second].map { TextGrid.Cell(Summary(mean: $0, deviation: nil).percent) }
  }

  private func cell(_ difference: PairedDifference) -> TextGrid.Cell {
    TextGrid.Cell(difference.words, style: difference.isClear ? .bold : .plain)
  }
}

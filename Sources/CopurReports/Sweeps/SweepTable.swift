/// The table that a sweep prints: points down, defences across, accuracy under the worst attack and when nobody attacks, in
/// percent.
public struct SweepTable {
  private let sweep: SweepReport
  private let summary: SweepSummary

  /// - Parameter sweep: The points that are finished.
  public init(_ sweep: SweepReport) {
    self.sweep = sweep
    summary = SweepSummary(sweep)
  }

  /// The table as text that ends in a line feed.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether it goes to a terminal, which shows colours.
  ///   - width: How many characters a line may have: a wider table is folded, defences under one another. Nil: as many as it
  ///     takes.
  public func rendered(isTerminal: Bool, width: Int? = nil) -> String {
    let record = sweep.record
    let seeds = record.seeds.count == 1 ? "seed \(record.seeds[0])" : "\(record.seeds.count) seeds"
    let title =
      "\(record.scenario): \(summary.points.count) of \(record.points.count) points, \(record.mode.rawValue), \(seeds)"
      + (record.shard.map { ", shard \($0)" } ?? "")
    guard !summary.points.isEmpty else { return TextWrap.wrapped(title, width: width) + "\n" }
    let defenses = summary.defenses
    var grid = FoldingGrid(
      corners: record.axes.map(\.label), alignment: .right,
      groups: defenses.map { .init(title: $0, columns: ["worst", "clean"]) })
    for point in summary.points {
      grid.addRow(
        point.point.values,
        cells: defenses.map { defense in
          [SweepSummary.Measure.worst, .clean].map { measure in
            TextGrid.Cell(Number.percent(summary.value(measure, of: defense, at: point)?.value))
          }
        })
    }
    return TextWrap.wrapped(title, width: width) + "\n\n" + grid.rendered(isTerminal: isTerminal, width: width)
      + TextWrap.wrapped(
        "\nPercent of the samples; worst: under the attack that leaves a defence least, clean: when nobody attacks.\n",
        width: width)
  }
}

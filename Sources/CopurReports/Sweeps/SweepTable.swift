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
  /// - Parameter isTerminal: Whether it goes to a terminal, which shows colours.
  public func rendered(isTerminal: Bool) -> String {
    let record = sweep.record
    let seeds = record.seeds.count == 1 ? "seed \(record.seeds[0])" : "\(record.seeds.count) seeds"
    let title =
      "\(record.scenario): \(summary.points.count) of \(record.points.count) points, \(record.mode.rawValue), \(seeds)"
      + (record.shard.map { ", shard \($0)" } ?? "")
    guard !summary.points.isEmpty else { return title + "\n" }
    let defenses = summary.defenses
    var grid = TextGrid(columns: record.axes.count + 2 * defenses.count)
    grid.addRow(
      record.axes.map { _ in TextGrid.Cell("") }
        + defenses.map { TextGrid.Cell($0, style: .bold, alignment: .center, span: 2) })
    grid.addRow(
      record.axes.map { TextGrid.Cell($0.label) }
        + defenses.flatMap { _ in [TextGrid.Cell("worst"), TextGrid.Cell("clean")] })
    grid.addRule()
    for point in summary.points {
      grid.addRow(
        point.point.values.map { TextGrid.Cell($0) }
          + defenses.flatMap { defense in
            [SweepSummary.Measure.worst, .clean].map { measure in
              TextGrid.Cell(Number.percent(summary.value(measure, of: defense, at: point)?.value))
            }
          })
    }
    return title + "\n\n" + grid.rendered(isTerminal: isTerminal)
      + "\nPercent of the samples; worst: under the attack that leaves a defence least, clean: when nobody attacks.\n"
  }
}

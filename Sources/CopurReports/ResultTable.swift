/// The table that a run prints: attacks down, defences across, accuracy and balanced accuracy in percent.
///
/// With more than one seed a cell is mean ± standard deviation. On a terminal the best accuracy of a row is bold, and
/// what is no better than always guessing the most frequent class is red.
public struct ResultTable {
  private let rows: [ResultRow]
  private let attacks: [String]
  private let defenses: [String]

  /// - Parameter rows: The rows of one scenario and one mode; attacks and defences are listed as they first occur.
  public init(_ rows: [ResultRow]) {
    self.rows = rows
    attacks = rows.map(\.attack).uniqued
    defenses = rows.map(\.defense).uniqued
  }

  /// The table as text that ends in a line feed.
  ///
  /// - Parameter isTerminal: Whether it goes to a terminal, which shows colours.
  public func rendered(isTerminal: Bool) -> String {
    guard let first = rows.first else { return "no results\n" }
    let seeds = rows.map(\.seed).uniqued
    // A timeline's rows are of times that differ in length.
    let counts = Set(rows.map(\.n)).sorted()
    let samples = counts.count == 1 ? "\(first.n)" : "\(counts[0]) to \(counts[counts.count - 1])"
    var title = "\(first.scenario): \(first.dataset), \(samples) samples, \(first.mode.rawValue), "
    title += seeds.count == 1 ? "seed \(seeds[0])" : "\(seeds.count) seeds"

    var grid = TextGrid(columns: 2 + 2 * defenses.count)
    grid.addRow(
      [TextGrid.Cell("")] + defenses.map { TextGrid.Cell($0, style: .bold, alignment: .center, span: 2) }
        + [TextGrid.Cell("")])
    grid.addRow(
      [TextGrid.Cell("attack", alignment: .left)]
        + defenses.flatMap { _ in [TextGrid.Cell("accuracy"), TextGrid.Cell("balanced")] } + [TextGrid.Cell("majority")]
    )
    grid.addRule()
    for attack in attacks { grid.addRow(cells(of: attack)) }
    return title + "\n\n" + grid.rendered(isTerminal: isTerminal)
      + "\nPercent of the samples; majority: what always guessing the most frequent class reaches.\n"
  }

  private func cells(of attack: String) -> [TextGrid.Cell] {
    let ofAttack = rows.filter { $0.attack == attack }
    func summary(_ rate: (ResultRow) -> Double, of defense: String? = nil) -> Summary? {
      let values = ofAttack.filter { defense == nil || $0.defense == defense }.map(rate)
      return values.isEmpty ? nil : Summary(values)
    }
    let majority = summary(\.majorityRate)
    let best = defenses.compactMap { summary(\.accuracy, of: $0)?.mean }.max()
    let pairs = defenses.flatMap { defense -> [TextGrid.Cell] in
      guard let accuracy = summary(\.accuracy, of: defense), let balanced = summary(\.balancedAccuracy, of: defense)
      else { return [TextGrid.Cell("–"), TextGrid.Cell("–")] }
      let style: TextGrid.Style =
        accuracy.mean <= majority?.mean ?? 0 ? .red : accuracy.mean == best ? .bold : .plain
      return [TextGrid.Cell(accuracy.percent, style: style), TextGrid.Cell(balanced.percent)]
    }
    // One set of test rows for all seeds and defences: the mean is each one's value.
    let rate = majority.map { Summary([$0.mean]).percent } ?? "–"
    return [TextGrid.Cell(attack, alignment: .left)] + pairs + [TextGrid.Cell(rate)]
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it first occurs.
  fileprivate var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

/// The table that `copur certify` prints: whom the certificates are against down, defences across, certified accuracy and
/// balanced certified accuracy in percent.
///
/// A cell is mean ± standard deviation, of seeds and of runs of consecutive rows together.
public struct CertificateTable {
  private let results: CertificateResults

  /// - Parameter rows: The rows of one scenario; sets of agents and defences are listed as they first occur.
  public init(_ rows: [CertificateRow]) { results = CertificateResults(rows) }

  /// The table as text that ends in a line feed.
  public func rendered() -> String {
    guard let first = results.rows.first else { return "no certificates\n" }
    let (defenses, seeds) = (results.defenses, Set(results.rows.map(\.seed)).count)
    let isOne = defenses.count == 1
    var grid = TextGrid(columns: 1 + (isOne ? 3 : 2 * defenses.count))
    if !isOne {
      grid.addRow(
        [TextGrid.Cell("")] + defenses.map { TextGrid.Cell($0, style: .bold, alignment: .center, span: 2) })
    }
    grid.addRow(
      [TextGrid.Cell("compromised", alignment: .left)]
        + defenses.flatMap { _ in [TextGrid.Cell("certified"), TextGrid.Cell("balanced")] }
        + (isOne ? [TextGrid.Cell("right or wrong")] : []))
    grid.addRule()
    grid.addRow(
      [TextGrid.Cell("none", alignment: .left)]
        + defenses.flatMap { [cell($0, nil, \.clean), cell($0, nil, \.cleanBalanced)] }
        + (isOne ? [TextGrid.Cell("")] : []))
    for compromised in results.compromised {
      grid.addRow(
        [TextGrid.Cell(compromised.words, alignment: .left)]
          + defenses.flatMap { [cell($0, compromised, \.certified), cell($0, compromised, \.certifiedBalanced)] }
          + (isOne ? [TextGrid.Cell(rate(compromised))] : []))
    }
    return "\(first.scenario): \(first.dataset), \(first.n) samples, "
      + (isOne ? first.defense : "\(defenses.count) defences") + ", "
      + (seeds == 1 ? "seed \(first.seed)" : "\(seeds) seeds") + "\n\n" + grid.rendered(isTerminal: false) + "\n"
      + "Percent of the samples; certified: predicted right, and so whatever these agents send or withhold.\n"
      + "± one standard deviation, of \(seeds == 1 ? "" : "seeds and of ")runs of 30 consecutive rows (bootstrap). "
      + "A constant guess, which nothing changes: \(Summary([first.majorityRate]).percent).\n"
  }

  private func cell(
    _ defense: String, _ compromised: CertificateRow.Compromised?,
    _ rate: (CertificateRow) -> CertificateRow.Rate
  ) -> TextGrid.Cell {
    TextGrid.Cell(results.summary(defense, compromised, of: rate)?.percent ?? "–")
  }

  private func rate(_ compromised: CertificateRow.Compromised) -> String {
    Summary(results.rows.filter { $0.compromised == compromised }.map(\.certifiedRate)).percent
  }
}

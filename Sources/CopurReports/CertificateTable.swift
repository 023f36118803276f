/// The table that `copur certify` prints: whom the certificates are against down, defences across, certified accuracy and
/// balanced certified accuracy in percent.
///
/// A cell is mean ± standard deviation, of seeds and of runs of consecutive rows together.
public struct CertificateTable {
  private let results: CertificateResults

  /// - Parameter rows: The rows of one scenario; sets of agents and defences are listed as they first occur.
  public init(_ rows: [CertificateRow]) { results = CertificateResults(rows) }

  /// The table as text that ends in a line feed.
  ///
  /// - Parameter width: How many characters a line may have: a wider table is folded, defences under one another. Nil: as many
  ///   as it takes.
  public func rendered(width: Int? = nil) -> String {
    guard let first = results.rows.first else { return "no certificates\n" }
    let (defenses, seeds) = (results.defenses, Set(results.rows.map(\.seed)).count)
    let isOne = defenses.count == 1
    var grid = FoldingGrid(
      corner: "compromised",
      groups: defenses.map { .init(title: isOne ? "" : $0, columns: ["certified", "balanced"]) },
      trailing: isOne ? [TextGrid.Cell("right or wrong")] : [])
    grid.addRow(
      "none", cells: defenses.map { [cell($0, nil, \.clean), cell($0, nil, \.cleanBalanced)] },
      trailing: isOne ? [TextGrid.Cell("")] : [])
    for compromised in results.compromised {
      grid.addRow(
        compromised.words,
        cells: defenses.map { [cell($0, compromised, \.certified), cell($0, compromised, \.certifiedBalanced)] },
        trailing: isOne ? [TextGrid.Cell(rate(compromised))] : [])
    }
    let title =
      "\(first.scenario): \(first.dataset), \(first.n) samples, "
      + (isOne ? first.defense : "\(defenses.count) defences") + ", "
      + (seeds == 1 ? "seed \(first.seed)" : "\(seeds) seeds") + "\n\n"
    return TextWrap.wrapped(title, width: width) + grid.rendered(isTerminal: false, width: width)
      + TextWrap.wrapped(
        "\nPercent of the samples; certified: predicted right, and so whatever these agents send or withhold.\n"
          + "± one standard deviation, of \(seeds == 1 ? "" : "seeds and of ")runs of 30 consecutive rows (bootstrap). "
          + "A constant guess, which nothing changes: \(Summary([first.majorityRate]).percent).\n", width: width)
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

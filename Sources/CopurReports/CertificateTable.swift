/// The table that `copur certify` prints: whom the certificates are against, and certified accuracy in percent.
///
/// With more than one seed a cell is mean ± standard deviation.
public struct CertificateTable {
  private let rows: [CertificateRow]

  /// - Parameter rows: The rows of one scenario and one defence; sets of agents are listed as they first occur.
  public init(_ rows: [CertificateRow]) { self.rows = rows }

  /// The table as text that ends in a line feed.
  public func rendered() -> String {
    guard let first = rows.first else { return "no certificates\n" }
    let seeds = Set(rows.map(\.seed)).count
    var grid = TextGrid(columns: 3)
    grid.addRow([
      TextGrid.Cell("compromised", alignment: .left), TextGrid.Cell("certified"), TextGrid.Cell("right or wrong"),
    ])
    grid.addRule()
    let clean = Summary(rows.filter { $0.compromised == first.compromised }.map(\.accuracy))
    grid.addRow([TextGrid.Cell("none", alignment: .left), TextGrid.Cell(clean.percent), TextGrid.Cell("")])
    var listed: Set<CertificateRow.Compromised> = []
    for row in rows where listed.insert(row.compromised).inserted {
      let same = rows.filter { $0.compromised == row.compromised }
      grid.addRow([
        TextGrid.Cell(Self.words(row.compromised), alignment: .left),
        TextGrid.Cell(Summary(same.map(\.certifiedAccuracy)).percent),
        TextGrid.Cell(Summary(same.map(\.certifiedRate)).percent),
      ])
    }
    return "\(first.scenario): \(first.dataset), \(first.n) samples, \(first.defense), "
      + (seeds == 1 ? "seed \(first.seed)" : "\(seeds) seeds") + "\n\n" + grid.rendered(isTerminal: false) + "\n"
      + "Percent of the samples; certified: predicted right, and so whatever these agents send or withhold.\n"
  }

  private static func words(_ compromised: CertificateRow.Compromised) -> String {
    switch compromised {
    case .agents(let names): names.joined(separator: ", ")
    case .any(1): "any one agent"
    case .any(2): "any two agents"
    case .any(3): "any three agents"
    case .any(let count): "any \(count) agents"
    }
  }
}

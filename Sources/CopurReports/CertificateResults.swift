/// The certificates of a run by defence and by whom they are against, over seeds.
struct CertificateResults {
  /// All of them.
  let rows: [CertificateRow]
  /// The defences as they first occur.
  let defenses: [String]
  /// Whom the certificates are against: named agents as they first occur, then any so many, ascending.
  let compromised: [CertificateRow.Compromised]

  init(_ rows: [CertificateRow]) {
    self.rows = rows
    var names: Set<String> = []
    defenses = rows.map(\.defense).filter { names.insert($0).inserted }
    var seen: Set<CertificateRow.Compromised> = []
    let all = rows.map(\.compromised).filter { seen.insert($0).inserted }
    var (named, counts): ([CertificateRow.Compromised], [Int]) = ([], [])
    for compromised in all {
      switch compromised {
      case .agents: named.append(compromised)
      case .any(let count): counts.append(count)
      }
    }
    self.compromised = named + counts.sorted().map(CertificateRow.Compromised.any)
  }

  /// The numbers of agents, whichever they are, that there are certificates against, ascending.
  var counts: [Int] {
    compromised.compactMap { if case .any(let count) = $0 { count } else { nil } }
  }

  /// The accuracy of a constant guess.
  var majorityRate: Double? { rows.first?.majorityRate }

  /// A rate of a defence over seeds; nil where there is no row. Its deviation is of seeds and of runs of rows together.
  ///
  /// - Parameter compromised: Whom the certificates are against; nil: any that the defence has, for the rates of a run in
  ///   which nobody is attacked.
  func summary(
    _ defense: String, _ compromised: CertificateRow.Compromised?, of rate: (CertificateRow) -> CertificateRow.Rate
  ) -> Summary? {
    let own = rows.filter { $0.defense == defense }
    guard let against = compromised ?? own.first?.compromised else { return nil }
    let rates = own.filter { $0.compromised == against }.map(rate)
    guard !rates.isEmpty else { return nil }
    let seeds = Summary(rates.map(\.value))
    let within = rates.reduce(0) { $0 + $1.deviation * $1.deviation } / Double(rates.count)
    let between = seeds.deviation.map { $0 * $0 } ?? 0
    return Summary(mean: seeds.mean, deviation: (within + between).squareRoot())
  }
}

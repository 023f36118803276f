/// The measurements of a run before it was interrupted.
public struct EarlierRun: Sendable {
  /// The record of the run.
  public var record: RunRecord
  /// The measurements, in their order.
  public private(set) var results: [ResultRow]
  /// The certificates that there are.
  public private(set) var certificates: [CertificateRow]
  /// The predictions behind ``results``, in their order.
  public private(set) var predictions: [PredictionRow]

  /// - Parameters:
  ///   - predictions: Those that were kept; what is behind no measurement was begun, and is left out.
  ///   - needsPredictions: Measurements without their predictions do not count.
  init(
    record: RunRecord, results: [ResultRow], certificates: [CertificateRow], predictions: [PredictionRow],
    needsPredictions: Bool
  ) {
    self.record = record
    let bySample = Dictionary(grouping: predictions, by: Trial.init)
    self.results = results.filter { !needsPredictions || bySample[Trial($0)]?.count == $0.n }
    self.certificates = certificates
    self.predictions = self.results.flatMap { bySample[Trial($0)] ?? [] }
  }

  /// The measurements of some defences with one seed.
  public func results(seed: UInt64, defenses: [String]) -> [ResultRow] {
    results.filter { $0.seed == seed && defenses.contains($0.defense) }
  }

  /// Leaves out what was certified of some defences with one seed, and their bundle: both are found anew.
  public mutating func forgetCertificates(seed: UInt64, defenses: [String]) {
    certificates.removeAll { $0.seed == seed && defenses.contains($0.defense) }
    record.bundles.removeAll { $0.seed == seed && $0.defenses == defenses }
  }

  /// Leaves out the measurements of some defences with one seed: they are measured anew.
  public mutating func forgetResults(seed: UInt64, defenses: [String]) {
    results.removeAll { $0.seed == seed && defenses.contains($0.defense) }
    predictions.removeAll { $0.seed == seed && defenses.contains($0.defense) }
  }

  /// The identity that a measurement and its predictions have in common.
  private struct Trial: Hashable {
    let seed: UInt64
    let attack: String
    let defense: String

    init(_ row: ResultRow) { (seed, attack, defense) = (row.seed, row.attack, row.defense) }
    init(_ row: PredictionRow) { (seed, attack, defense) = (row.seed, row.attack, row.defense) }
  }
}

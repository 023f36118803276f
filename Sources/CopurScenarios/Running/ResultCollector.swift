internal import CopurDefenses
internal import CopurReports

/// Keeps the results of a run and adds them to its folder after each measurement.
actor ResultCollector {
  private let folder: RunFolder?
  private let keepsPredictions: Bool
  private(set) var results: [ResultRow]
  private(set) var certificates: [CertificateRow]
  private var predictions: [PredictionRow]

  /// - Parameters:
  ///   - folder: Where they go; nil to keep them in memory.
  ///   - keepsPredictions: Whether predictions go there, too.
  ///   - earlier: What was measured before.
  init(folder: RunFolder?, keepsPredictions: Bool, earlier: EarlierRun?) throws {
    self.folder = folder
    self.keepsPredictions = keepsPredictions
    (results, certificates) = (earlier?.results ?? [], earlier?.certificates ?? [])
    predictions = earlier?.predictions ?? []
    if let earlier { try folder?.restore(earlier, hasPredictions: keepsPredictions) }
  }

  var everything: (results: [ResultRow], predictions: [PredictionRow]) { (results, predictions) }

  /// The row of the same seed and attack without a defence; nil if the scenario has none, or has not come to it.
  func undefended(_ row: ResultRow, in scenario: Scenario) -> ResultRow? {
    guard let name = scenario.defenses.first(where: { $0.kind is Unsecured.Settings })?.name else { return nil }
    return results.first { $0.defense == name && $0.seed == row.seed && $0.attack == row.attack }
  }

  /// Keeps what is certified of a defence.
  func add(_ rows: [CertificateRow]) throws {
    guard !rows.isEmpty else { return }
    certificates += rows
    try folder?.add(rows)
  }

  /// - Returns: How many rows there are now.
  func add(_ row: ResultRow, _ predicted: [PredictionRow]) throws -> Int {
    results.append(row)
    predictions += predicted
    try folder?.add(row, keepsPredictions ? predicted : nil)
    return results.count
  }
}

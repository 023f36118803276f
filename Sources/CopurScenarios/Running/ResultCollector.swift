internal import CopurReports
internal import Foundation

/// Keeps the results of a run and writes them after each measurement.
actor ResultCollector {
  private let options: RunOptions
  private var results: [ResultRow] = []
  private var predictions: [PredictionRow] = []

  init(options: RunOptions) { self.options = options }

  var everything: (results: [ResultRow], predictions: [PredictionRow]) { (results, predictions) }
  private(set) var certificates: [CertificateRow] = []

  /// Keeps what is certified of a defence.
  func add(_ rows: [CertificateRow]) throws {
    guard !rows.isEmpty else { return }
    certificates += rows
    if let output = options.output {
      try RowFile.write(
        certificates, as: .jsonLines, to: output.appending(path: RunReport.certificatesFileName).path)
      try RowFile.write(certificates, as: .csv, to: output.appending(path: "certificates.csv").path)
    }
  }

  /// - Returns: How many rows there are now.
  func add(_ row: ResultRow, _ predicted: [PredictionRow]) throws -> Int {
    results.append(row)
    predictions += predicted
    if let output = options.output {
      try RowFile.write(results, as: .jsonLines, to: output.appending(path: "results.jsonl").path)
      try RowFile.write(results, as: .csv, to: output.appending(path: "results.csv").path)
      if options.writesPredictions {
        try RowFile.write(predictions, as: .csv, to: output.appending(path: "predictions.csv").path)
      }
    }
    return results.count
  }
}

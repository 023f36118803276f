internal import CopurCore
internal import Foundation

/// A run's folder that is a part of a larger run: a shard, or the seeds of one of several machines.
struct RunPiece {
  /// The folder, for messages.
  let name: String
  let record: RunRecord
  let results: [ResultRow]
  let certificates: [CertificateRow]
  /// The predictions behind the results; nil if the run kept none.
  let predictions: [PredictionRow]?

  /// Reads a folder; what was begun when a run ended is no part of it.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is no run, `.invalidData` if a file is malformed.
  init(reading folder: URL) throws {
    name = folder.relativePath
    let record = try RunRecord(reading: folder)
    func path(_ name: String) -> String? {
      let path = folder.appending(path: name).path
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    func rows<Row: Decodable>(_ name: String) throws -> [Row] {
      try path(name).map { try RowFile.rows(Row.self, inJSONLines: $0, keepsTornEnd: false) } ?? []
    }
    let predictions = try path(RunFolder.predictionsFileName).map { try PredictionRow.rows(inCSV: $0) }
    let run = try EarlierRun(
      record: record, results: rows(RunReport.rowsFileName), certificates: rows(RunReport.certificatesFileName),
      predictions: predictions ?? [], needsPredictions: predictions != nil)
    self.record = record
    (results, certificates) = (run.results, run.certificates)
    self.predictions = predictions == nil ? nil : run.predictions
    let seeds = Set(record.seeds)
    if let row = results.first(where: { !seeds.contains($0.seed) || $0.scenario != record.scenario }) {
      throw CopurError(
        .invalidData,
        "\(name): results are of the run that \(RunRecord.fileName) records (\(record.scenario); actual: "
          + "\(row.scenario), seed \(row.seed))")
    }
  }
}

extension RunRecord {
  /// The settings but for those of seeds, in which the parts of a run may differ.
  fileprivate var settingsOfParts: [String] { settings?.withoutSeeds ?? [] }

  /// The difference that makes another piece no part of the same run, in words; nil if both are.
  func differenceOfParts(from other: RunRecord) -> String? {
    if let own = wholeSeeds, let theirs = other.wholeSeeds, own != theirs {
      return "a run of the seeds \(theirs.map { "\($0)" }.joined(separator: ", "))"
    }
    var same = other
    (same.shard, same.seeds, same.wholeSeeds) = (shard, seeds, wholeSeeds)
    if settingsOfParts == other.settingsOfParts { same.settings = settings }
    return difference(from: same)
  }
}

extension [String] {
  /// Settings of the command line but for those of seeds.
  var withoutSeeds: [String] { filter { !$0.hasPrefix("seeds=") && !$0.hasPrefix("seeds.") } }
}

internal import CopurCore
internal import Foundation

/// Several pieces of a run as the one run that they are.
///
/// Rows are in the order of a run in one piece, so that its files have the same bytes but for times: seeds in the run's order,
/// and of each the attacks and defences as they were measured.
struct MergedRun {
  private struct Key: Hashable {
    let seed: UInt64
    let attack: String
    let defense: String

    init(_ row: ResultRow) { (seed, attack, defense) = (row.seed, row.attack, row.defense) }
    init(_ row: PredictionRow) { (seed, attack, defense) = (row.seed, row.attack, row.defense) }
    var measurement: [String] { [attack, defense] }
  }

  private(set) var record: RunRecord
  private(set) var results: [ResultRow] = []
  private(set) var certificates: [CertificateRow] = []
  /// Nil if no piece kept any.
  private(set) var predictions: [PredictionRow]?
  /// The pieces that are missing, but for the shards that are to measure them.
  private(set) var missing: [MissingPiece] = []

  /// - Parameter pieces: At least one.
  /// - Throws: ``CopurError`` of code `.invalidArgument`, naming the folders, if they are parts of different runs, or measured
  ///   the same with different results.
  init(_ pieces: [RunPiece]) throws {
    record = pieces[0].record
    for piece in pieces.dropFirst() {
      guard let difference = record.differenceOfParts(from: piece.record) else { continue }
      throw CopurError(
        .invalidArgument,
        "folders that are merged are parts of one run: \(piece.name) is of another than \(pieces[0].name), of \(difference)"
      )
    }
    record.seeds = try Self.seeds(of: pieces)
    if Set(pieces.map { $0.record.settings ?? [] }).count > 1 {
      let seeds = "seeds=[\(record.seeds.map { "\($0)" }.joined(separator: ", "))]"
      (record.settings, record.command) = ((record.settings ?? []).withoutSeeds + [seeds], nil)
    }
    (record.shard, record.wholeSeeds) = (nil, nil)
    try mergeResults(pieces)
    try mergePredictions(pieces)
    try mergeCertificates(pieces)
    missing = findMissing()
    record.started = pieces.map(\.record.started).min() ?? record.started
    let ends = pieces.compactMap(\.record.finished)
    record.finished = missing.isEmpty ? ends.max() : nil
  }

  /// The seeds of the whole run, in its order.
  private static func seeds(of pieces: [RunPiece]) throws -> [UInt64] {
    let records = pieces.map(\.record)
    let all = Set(records.flatMap(\.seeds))
    if let whole = records.compactMap(\.wholeSeeds).first {
      guard let other = pieces.first(where: { !Set($0.record.seeds).isSubset(of: whole) }) else { return whole }
      throw CopurError(
        .invalidArgument,
        "\(other.name): the run that the shards are of has the seeds \(whole.map { "\($0)" }.joined(separator: ", ")) "
          + "(actual: \(other.record.seeds.map { "\($0)" }.joined(separator: ", ")))")
    }
    return records.map(\.seeds).first { all.isSubset(of: $0) } ?? all.sorted()
  }

  private mutating func mergeResults(_ pieces: [RunPiece]) throws {
    var rows: [UInt64: [ResultRow]] = [:]
    var seen: [Key: (row: ResultRow, folder: String)] = [:]
    for piece in pieces {
      for row in piece.results {
        guard let earlier = seen[Key(row)] else {
          seen[Key(row)] = (row, piece.name)
          rows[row.seed, default: []].append(row)
          continue
        }
        var same = row
        same.secondsPerSample = earlier.row.secondsPerSample
        guard same == earlier.row else {
          throw Self.disagreement(
            earlier.folder, piece.name, "seed \(row.seed), \(row.attack) against \(row.defense)")
        }
      }
    }
    // A seed of which pieces have some each has the order of one that is whole.
    let fullest = rows.values.max { $0.count < $1.count } ?? []
    let places = Dictionary(
      fullest.enumerated().map { (Key($1).measurement, $0) }, uniquingKeysWith: { first, _ in first })
    results = record.seeds.flatMap { seed in
      (rows[seed] ?? []).enumerated().sorted {
        (places[Key($0.element).measurement] ?? .max, $0.offset)
          < (places[Key($1.element).measurement] ?? .max, $1.offset)
      }.map(\.element)
    }
  }

  private mutating func mergePredictions(_ pieces: [RunPiece]) throws {
    let without = pieces.filter { $0.predictions == nil && !$0.results.isEmpty }
    guard pieces.contains(where: { $0.predictions != nil }) else { return }
    guard without.isEmpty else {
      throw CopurError(
        .invalidArgument,
        "either all folders that are merged have \(RunFolder.predictionsFileName) or none (without: "
          + "\(without.map(\.name).joined(separator: ", ")))")
    }
    var seen: [Key: (rows: [PredictionRow], folder: String)] = [:]
    for piece in pieces {
      for (key, rows) in Dictionary(grouping: piece.predictions ?? [], by: Key.init) {
        guard let earlier = seen[key] else {
          seen[key] = (rows, piece.name)
          continue
        }
        guard earlier.rows == rows else {
          throw Self.disagreement(
            earlier.folder, piece.name, "predictions of seed \(key.seed), \(key.attack) against \(key.defense)")
        }
      }
    }
    predictions = results.flatMap { seen[Key($0)]?.rows ?? [] }
  }

  private mutating func mergeCertificates(_ pieces: [RunPiece]) throws {
    struct Certified: Hashable {
      let seed: UInt64
      let defense: String
      let compromised: CertificateRow.Compromised
    }
    var seen: [Certified: (row: CertificateRow, folder: String)] = [:]
    var rows: [UInt64: [CertificateRow]] = [:]
    var bundles: [UInt64: [RunRecord.Bundle]] = [:]
    for piece in pieces {
      for row in piece.certificates {
        let key = Certified(seed: row.seed, defense: row.defense, compromised: row.compromised)
        if let earlier = seen[key] {
          guard earlier.row == row else {
            throw Self.disagreement(
              earlier.folder, piece.name, "certificates of seed \(row.seed), \(row.defense), \(row.compromised.words)")
          }
          continue
        }
        seen[key] = (row, piece.name)
        rows[row.seed, default: []].append(row)
      }
      for bundle in piece.record.bundles {
        let known = bundles[bundle.seed]?.first { $0.defenses == bundle.defenses }
        guard known?.modelVersion ?? bundle.modelVersion == bundle.modelVersion else {
          throw Self.disagreement(pieces[0].name, piece.name, "the models of seed \(bundle.seed)")
        }
        if known == nil { bundles[bundle.seed, default: []].append(bundle) }
      }
    }
    certificates = record.seeds.flatMap { rows[$0] ?? [] }
    record.bundles = record.seeds.flatMap { bundles[$0] ?? [] }
  }

  private func findMissing() -> [MissingPiece] {
    var known: Set<[String]> = []
    var expected = results.map { Key($0).measurement }.filter { known.insert($0).inserted }
    if let attacks = record.attacks, let defenses = record.defenses {
      let all = attacks.flatMap { attack in defenses.map { [attack, $0.name] } }
      expected += all.filter { known.insert($0).inserted }
    }
    let measured = Dictionary(grouping: results.map(Key.init), by: \.seed)
    return record.seeds.compactMap { seed in
      guard let keys = measured[seed], !keys.isEmpty else { return MissingPiece(seed: seed) }
      let there = Set(keys.map(\.measurement))
      let open = expected.filter { !there.contains($0) }.map { "\($0[0]) against \($0[1])" }
      return open.isEmpty ? nil : MissingPiece(seed: seed, measurements: open)
    }
  }

  private static func disagreement(_ first: String, _ second: String, _ what: String) -> CopurError {
    CopurError(
      .invalidArgument, "\(first) and \(second) have measured the same with different results: \(what)")
  }

  /// Writes the files of a run; its record last, so that a folder with one is whole.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  func write(to folder: RunFolder) throws {
    let run = EarlierRun(
      record: record, results: results, certificates: certificates, predictions: predictions ?? [],
      needsPredictions: predictions != nil)
    try folder.restore(run, hasPredictions: predictions != nil)
    try RunReport(record: record, rows: results, certificates: certificates).write(to: folder.url)
    try record.write(to: folder.url)
  }
}

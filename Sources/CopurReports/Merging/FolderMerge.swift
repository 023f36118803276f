internal import CopurCore
public import Foundation

/// The folders of shards, or of several machines, put together to the folder of one run or one sweep.
public struct FolderMerge: Sendable {
  /// The folders that were put together.
  public let folders: [URL]
  /// The number of results that they have.
  public let results: Int
  /// The pieces that none of them has.
  public let missing: [MissingPiece]

  /// Merges folders into another one.
  ///
  /// - Parameters:
  ///   - folders: Those of runs or sweeps, or of their shards; none for the shards of the other one.
  ///   - output: Where the files go.
  ///   - allowsMissing: Whether pieces may be missing; the run can go on in the folder then.
  ///   - overwrites: Whether earlier results are removed from the folder before.
  /// - Throws: ``CopurError``: `.missingInput` if there is nothing to merge, or a piece is missing; `.invalidArgument` if the
  ///   folders are no parts of one run; `.cannotCreate` if the folder has results; what reading them throws.
  public init(_ folders: [URL], into output: URL, allowsMissing: Bool, overwrites: Bool) throws {
    let pieces = try Self.pieces(of: folders.isEmpty ? [output] : folders, besides: folders.isEmpty ? output : nil)
    guard !pieces.contains(where: { $0.standardizedFileURL.path == output.standardizedFileURL.path }) else {
      throw CopurError(
        .invalidArgument, "\(output.relativePath): folders are merged into another one, and this is one of them")
    }
    self.folders = pieces
    // Before much is read, and again once nobody else writes there.
    if !overwrites { try RunFolder.requireNoResults(in: output) }
    // A piece that is being written is none: nobody knows yet what it lacks.
    let locks = try allowsMissing ? [] : pieces.map { try FolderLock($0) }
    defer { withExtendedLifetime(locks) {} }
    let sweeps = pieces.filter(SweepRecord.isThere)
    guard sweeps.isEmpty || sweeps.count == pieces.count else {
      let run = pieces.first { !SweepRecord.isThere(in: $0) } ?? pieces[0]
      throw CopurError(
        .invalidArgument,
        "folders that are merged are parts of one sweep or of one run (\(sweeps[0].relativePath) is of a sweep, "
          + "\(run.relativePath) is of a run)")
    }
    if sweeps.isEmpty {
      let read = try pieces.map { try RunPiece(reading: $0) }
      let run = try MergedRun(read)
      (results, missing) = (
        run.results.count, Self.naming(run.missing, shards: read.map(\.record.shard), seeds: run.record.seeds)
      )
      try Self.require(missing, allowsMissing: allowsMissing)
      let folder = try RunFolder(opening: output)
      if overwrites { try folder.clear() }
      try RunFolder.requireNoResults(in: output)
      try run.write(to: folder)
    } else {
      let shards = try pieces.map { try SweepRecord(reading: $0).shard }
      let sweep = try MergedSweep(reading: pieces)
      results = sweep.runs.values.reduce(0) { $0 + $1.results.count }
      missing = Self.naming(
        sweep.missing, shards: shards, seeds: sweep.record.seeds, points: sweep.record.points.map(\.name))
      try Self.require(missing, allowsMissing: allowsMissing)
      let folder = try SweepFolder(opening: output)
      if overwrites { try folder.clear() }
      try RunFolder.requireNoResults(in: output)
      try sweep.write(to: folder)
    }
  }

  /// The folders that have a run or a sweep: those that are named, or their shards.
  private static func pieces(of folders: [URL], besides output: URL?) throws -> [URL] {
    let pieces = try folders.flatMap { folder -> [URL] in
      let isOne = SweepRecord.isThere(in: folder) || isThere(RunRecord.fileName, in: folder)
      if isOne, folder != output { return [folder] }
      let shards = folder.appending(path: Shard.foldersName)
      let names = ((try? FileManager.default.contentsOfDirectory(atPath: shards.path)) ?? [])
        .filter { $0.wholeMatch(of: /[0-9]+-of-[0-9]+/) != nil }
        .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      guard !names.isEmpty else {
        throw CopurError(
          .missingInput,
          "\(folder.relativePath): a folder that is merged has a \(RunRecord.fileName), a \(SweepRecord.fileName) or "
            + "shards (actual: none of them)")
      }
      return names.map { shards.appending(path: $0) }
    }
    var seen: Set<String> = []
    for piece in pieces where !seen.insert(piece.standardizedFileURL.path).inserted {
      throw CopurError(.invalidArgument, "\(piece.relativePath): a folder is merged once (actual: twice)")
    }
    return pieces
  }

  private static func isThere(_ name: String, in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }

  /// The missing pieces with the shards that measure them, where all pieces are shards of one division.
  private static func naming(
    _ missing: [MissingPiece], shards: [Shard?], seeds: [UInt64], points: [String] = []
  ) -> [MissingPiece] {
    guard let count = shards[0]?.count, shards.allSatisfy({ $0?.count == count }) else { return missing }
    let places = Dictionary(points.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let order = Dictionary(seeds.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return missing.map { piece in
      let unit = (piece.point.flatMap { places[$0] } ?? 0) * seeds.count + (order[piece.seed] ?? 0)
      var piece = piece
      piece.shard = try? Shard(unit % count + 1, of: count)
      return piece
    }
  }

  private static func require(_ missing: [MissingPiece], allowsMissing: Bool) throws {
    guard !missing.isEmpty, !allowsMissing else { return }
    throw CopurError(
      .missingInput,
      "pieces are missing (--partial merges what is there):\n" + missing.map { "  \($0)" }.joined(separator: "\n"))
  }
}

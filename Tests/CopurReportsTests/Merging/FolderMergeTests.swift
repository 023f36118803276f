import CopurCore
import CopurReports
import Foundation
import Testing

/// Shards and machines' folders put together.
final class FolderMergeTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
  private static let seeds: [UInt64] = [3, 1, 2, 0]

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static func row(_ seed: UInt64, _ attack: String, _ defense: String) -> ResultRow {
    ResultRow(
      scenario: "sample", dataset: "extrasensory", seed: seed, mode: .inProcess, defense: defense, attack: attack,
      n: 10, accuracy: Double(seed + 1) / 8, balancedAccuracy: 0.5, majorityRate: 0.7, secondsPerSample: 1e-5)
  }

  private static func rows(of seeds: [UInt64]) -> [ResultRow] {
    seeds.flatMap { seed in
      ["clean", "flip"].flatMap { attack in ["unsecured", "copur"].map { row(seed, attack, $0) } }
    }
  }

  /// Writes a run's folder, or that of a shard.
  @discardableResult
  private func write(
    _ name: String, seeds: [UInt64] = FolderMergeTests.seeds, shard: Shard? = nil, rows: [ResultRow]? = nil,
    keepsPredictions: Bool = true, change: (inout RunRecord) -> Void = { _ in }
  ) throws -> URL {
    let url = folder.appending(path: name)
    var record = SampleRun().record
    record.machine = RunRecord.Machine(blas: "a", kernel: "b", instructions: "c")
    record.attacks = ["clean", "flip"]
    record.defenses = [.init(name: "unsecured", kind: "unsecured"), .init(name: "copur", kind: "copur")]
    record.seeds = seeds
    record.shard = shard
    record.wholeSeeds = shard == nil ? nil : Self.seeds
    change(&record)
    let run = try RunFolder(opening: url)
    for row in rows ?? Self.rows(of: seeds) {
      let predictions = (0..<row.n).map { sample in
        PredictionRow(
          seed: row.seed, attack: row.attack, defense: row.defense, sample: sample, label: sample % 2, prediction: 1)
      }
      try run.add(row, keepsPredictions ? predictions : nil)
    }
    for seed in seeds {
      var row = CertificateTableTests.row(.any(1), "copur", right: 24, certified: 21)
      row.seed = seed
      try run.add([row])
    }
    try record.write(to: url)
    try RunReport(reading: url).write(to: url)
    return url
  }

  private func writeShards(of count: Int) throws {
    for number in 1...count {
      let shard = try Shard(number, of: count)
      let seeds = Self.seeds.indices.filter { shard.contains($0) }.map { Self.seeds[$0] }
      if !seeds.isEmpty { try write("out/shards/\(shard.folderName)", seeds: seeds, shard: shard) }
    }
  }

  private func merge(
    _ out: String, _ folders: String..., allowsMissing: Bool = false, overwrites: Bool = false
  ) throws -> FolderMerge {
    try FolderMerge(
      folders.map { folder.appending(path: $0) }, into: folder.appending(path: out), allowsMissing: allowsMissing,
      overwrites: overwrites)
  }

  private func expectRefusal(
    _ code: CopurError.Code, _ message: String, _ out: String = "refused", _ folders: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: CopurError.self, sourceLocation: sourceLocation) {
      try FolderMerge(
        folders.map { folder.appending(path: $0) }, into: folder.appending(path: out), allowsMissing: false,
        overwrites: false)
    }
    #expect(
      error?.code == code && error?.message.contains(message) == true, "\(error?.message ?? "")",
      sourceLocation: sourceLocation)
  }

  private static let files = [
    "run.json", "results.jsonl", "results.csv", "certificates.jsonl", "certificates.csv", "predictions.csv",
    "report.html",
  ]

  private func expectEqual(_ first: String, _ second: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    for name in Self.files {
      let (one, other) = (
        try Data(contentsOf: folder.appending(path: "\(first)/\(name)")),
        try Data(contentsOf: folder.appending(path: "\(second)/\(name)"))
      )
      #expect(one == other, "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test("Any division gives the bytes of the run in one piece", arguments: 1...5)
  func shards(count: Int) throws {
    try write("whole")
    try writeShards(of: count)
    let merged = try merge("out")
    #expect(merged.results == 16 && merged.missing.isEmpty && merged.folders.count == min(count, 4))
    try expectEqual("out", "whole")
    // Into another folder, too, and not over results.
    _ = try merge("else", "out/shards/1-of-\(count)", "out", allowsMissing: true, overwrites: true)
  }

  @Test("Folders in any order, overlaps that agree, and results of times of their own")
  func overlaps() throws {
    try write("whole")
    try write("a", seeds: [0, 2], shard: Shard(2, of: 2))
    try write("b", seeds: [3, 1], shard: Shard(1, of: 2))
    var again = Self.rows(of: [1])
    for index in again.indices { again[index].secondsPerSample = 7 }
    try write("c", seeds: [1], shard: Shard(1, of: 3), rows: again)
    _ = try merge("out", "a", "b", "c")
    try expectEqual("out", "whole")
  }

  @Test("Machines with other seeds in one scenario")
  func machines() throws {
    try write("a", seeds: [0, 1]) { $0.settings = ["training.epochs=3", "seeds=[0, 1]"] }
    try write("b", seeds: [3, 2]) { $0.settings = ["training.epochs=3", "seeds=[3, 2]"] }
    #expect(try merge("out", "b", "a").missing.isEmpty)
    let record = try RunRecord(reading: folder.appending(path: "out"))
    #expect(record.seeds == [0, 1, 2, 3] && record.settings == ["training.epochs=3", "seeds=[0, 1, 2, 3]"])
    #expect(try RunReport(reading: folder.appending(path: "out")).rows == Self.rows(of: [0, 1, 2, 3]))
  }

  @Test("What is missing is named, and what is there is merged if that is asked for")
  func missing() throws {
    try writeShards(of: 3)
    try FileManager.default.removeItem(at: folder.appending(path: "out/shards/2-of-3"))
    let third = folder.appending(path: "out/shards/3-of-3")
    try FileManager.default.removeItem(at: third)
    try write(
      "out/shards/3-of-3", seeds: [2], shard: Shard(3, of: 3), rows: Array(Self.rows(of: [2]).prefix(3))
    ) { $0.finished = nil }
    expectRefusal(
      .missingInput, "\n  seed 1, of shard 2/3\n  seed 2, of shard 3/3: flip against copur", "out")
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "out/run.json").path))
    let merged = try merge("out", allowsMissing: true)
    #expect(merged.results == 11 && merged.missing.count == 2)
    // The whole run goes on there.
    let record = try RunRecord(reading: folder.appending(path: "out"))
    #expect(record.finished == nil && record.seeds == Self.seeds && record.shard == nil)
    expectRefusal(
      .cannotCreate, "results are written beside no others (there: \"run.json\")", "out", "out/shards/1-of-3")
  }

  @Test("Parts of other runs, results that disagree, and folders of nothing are refused by name")
  func refused() throws {
    try write("a", seeds: [3, 1], shard: Shard(1, of: 2))
    try write("other", seeds: [2, 0], shard: Shard(2, of: 2)) { $0.scenarioText += "# else" }
    expectRefusal(.invalidArgument, "another version of the scenario sample", "refused", "a", "other")
    try write("version", seeds: [2, 0], shard: Shard(2, of: 2)) { $0.commit = "0123456" }
    expectRefusal(.invalidArgument, "of copur 1.2.3 (commit 0123456)", "refused", "a", "version")
    try write("settings", seeds: [2, 0], shard: Shard(2, of: 2)) { $0.settings = ["training.epochs=2"] }
    expectRefusal(.invalidArgument, "--set training.epochs=2", "refused", "a", "settings")
    try write("seeds", seeds: [2, 0], shard: Shard(2, of: 2)) { $0.wholeSeeds = [2, 0] }
    expectRefusal(.invalidArgument, "a run of the seeds 2, 0", "refused", "a", "seeds")
    var rows = Self.rows(of: [1])
    rows[2].accuracy = 0
    try write("disagrees", seeds: [1], shard: Shard(2, of: 4), rows: rows)
    expectRefusal(.invalidArgument, "different results: seed 1, flip against unsecured", "refused", "a", "disagrees")
    try write("without", seeds: [2, 0], shard: Shard(2, of: 2), keepsPredictions: false)
    expectRefusal(.invalidArgument, "predictions.csv or none (without: ", "refused", "a", "without")
    expectRefusal(.invalidArgument, "a folder is merged once", "refused", "a", "a")
    expectRefusal(.invalidArgument, "merged into another one", "a", "a")
    expectRefusal(.missingInput, "or shards (actual: none of them)", "refused", "nothing")
    let lock = try RunFolder(opening: folder.appending(path: "a"))
    expectRefusal(.cannotCreate, "one run at a time", "refused", "a")
    withExtendedLifetime(lock) {}
    #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "refused").path))
  }
}

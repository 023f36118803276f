import CopurCore
import CopurReports
import Foundation
import Testing

/// The folder of a run: an interrupted run goes on in it, and nothing else is touched.
struct RunFolderTests {
  private let url = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")

  private func run(seeds: Int = 2) -> SampleRun {
    var run = SampleRun()
    for attack in ["clean", "flip, \"x10\""] {
      run.add("copur", attack, accuracies: [Double](repeating: 0.5, count: seeds))
    }
    return run
  }

  private func predictions(of row: ResultRow, count: Int? = nil) -> [PredictionRow] {
    (0..<(count ?? row.n)).map { sample in
      PredictionRow(
        seed: row.seed, attack: row.attack, defense: row.defense, sample: sample, label: sample % 2,
        prediction: sample % 3 == 0 ? nil : 1, certifiedAgents: sample % 5 == 0 ? nil : 2)
    }
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOf: url.appending(path: name), encoding: .utf8)
  }

  @Test("What was measured is read back as it was, and written again to the same bytes")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let run = run()
    let folder = try RunFolder(opening: url)
    try run.record.write(to: url)
    for row in run.rows { try folder.add(row, predictions(of: row)) }
    let written = try ["results.jsonl", "results.csv", "predictions.csv"].map(read)
    let earlier = try #require(try folder.earlierRun(of: run.record, needsPredictions: true))
    #expect(earlier.results == run.rows)
    #expect(earlier.predictions == run.rows.flatMap { predictions(of: $0) })
    try folder.restore(earlier, hasPredictions: true)
    #expect(try ["results.jsonl", "results.csv", "predictions.csv"].map(read) == written)
  }

  @Test("What was begun when the run ended is no part of it: lines that were cut off, predictions without their result")
  func tornEnds() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let run = run()
    let folder = try RunFolder(opening: url)
    try run.record.write(to: url)
    for row in run.rows.dropLast() { try folder.add(row, predictions(of: row)) }
    // The last measurement's files were written in their order until the power went.
    let last = run.rows[3]
    try folder.add(last, predictions(of: last, count: 100))
    for (name, kept) in [("results.jsonl", 40), ("predictions.csv", 7)] {
      let handle = try FileHandle(forWritingTo: url.appending(path: name))
      try handle.truncate(atOffset: handle.seekToEnd() - UInt64(kept))
    }
    let earlier = try #require(try folder.earlierRun(of: run.record, needsPredictions: true))
    #expect(earlier.results == run.rows.dropLast())
    #expect(earlier.predictions == run.rows.dropLast().flatMap { predictions(of: $0) })
    // A whole result without all of its predictions is measured again where they are wanted, and only there.
    try folder.restore(earlier, hasPredictions: true)
    try folder.add(last, predictions(of: last, count: 100))
    #expect(try folder.earlierRun(of: run.record, needsPredictions: true)?.results.count == 3)
    #expect(try folder.earlierRun(of: run.record, needsPredictions: false)?.results.count == 4)
  }

  @Test("A folder with another run, or with files of its names, is left as it is")
  func others() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let run = run()
    do {
      let folder = try RunFolder(opening: url)
      #expect(try folder.earlierRun(of: run.record, needsPredictions: false) == nil)
      try Data("mine".utf8).write(to: url.appending(path: "notes.txt"))
      #expect(try folder.earlierRun(of: run.record, needsPredictions: false) == nil)
      try Data("mine".utf8).write(to: url.appending(path: "results.csv"))
      let error = #expect(throws: CopurError.self) {
        try folder.earlierRun(of: run.record, needsPredictions: false)
      }
      #expect(error?.code == .cannotCreate && error?.message.contains("\"results.csv\"") == true)
      try run.record.write(to: url)
    }
    let folder = try RunFolder(opening: url)
    let changes: [(inout RunRecord) -> Void] = [
      { $0.scenarioText = "name: other" },
      {
        $0.scenario = "else"
        $0.scenarioText = "name: else"
      },
      { $0.mode = .network }, { $0.seeds = [0] }, { $0.datasetDigest = "f" }, { $0.commit = "0123456" },
      { $0.copurVersion = "9" }, { $0.machine.kernel = "Prescott" },
    ]
    for change in changes {
      var record = run.record
      change(&record)
      let error = #expect(throws: CopurError.self) { try folder.earlierRun(of: record, needsPredictions: false) }
      #expect(error?.code == .cannotCreate && error?.message.contains("--overwrite") == true)
    }
    try folder.clear()
    #expect(try FileManager.default.contentsOfDirectory(atPath: url.path) == ["notes.txt"])
  }

  @Test("One run at a time")
  func locked() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let first = try RunFolder(opening: url)
    let error = #expect(throws: CopurError.self) { try RunFolder(opening: url) }
    #expect(error?.code == .cannotCreate)
    _ = consume first
    _ = try RunFolder(opening: url)
  }
}

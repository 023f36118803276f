import ArgumentParser
import CopurCore
import CopurDatasets
import CopurNumerics
import CopurReports
import CopurRobustLearning
import CopurScenarios
import Foundation

/// `copur detect`: anomalies in tables.
struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Find anomalies in tables whose training rows are contaminated.",
    discussion: """
      Tables are CSV files, or NPZ files with the arrays X and y. With a truth (--truth, or y; 0 is ordinary) each detector is \
      fitted to 60 % of the rows without looking at it, scores the others, and the table has the area under the curve, mean \
      and standard deviation over seeds. Without one it is fitted to all rows and scores them. With --out the scores go into \
      a file a table.

      Examples:
        copur detect readings.csv --detector isolation-forest --out found
        copur detect odds/*.npz --share truth --seeds 10 --detector rca --detector autoencoder
        copur detect odds/letter.npz --detector rca --detector '{ kind: rca, name: no-exchange, exchange: false }'
      """)

  @Argument(help: "The tables, CSV or NPZ files.", completion: .file(extensions: ["csv", "npz"]))
  var tables: [String]

  @Option(
    name: .customLong("detector"),
    help: ArgumentHelp(
      "A detector, by its kind or as a mapping with its settings; may be repeated. The kinds: "
        + KindRegistry<any Detector>.detectors.names.joined(separator: ", ") + ".", valueName: "detector"))
  var detectors: [String] = ["rca", "isolation-forest"]

  @Option(help: ArgumentHelp("The column, or array, that says the truth; 0 is ordinary.", valueName: "column"))
  var truth: String?

  @Option(
    help: ArgumentHelp(
      "The share of anomalies that detectors are told: auto for an estimate, truth for that of the training rows, truth+0.1 "
        + "or truth-0.1 for one that is wrong by as much, or a number.", valueName: "share"))
  var share = "auto"

  @Option(help: ArgumentHelp("How many seeds; each has a split and first weights of its own.", valueName: "n"))
  var seeds = 1

  @Option(help: ArgumentHelp("The share of cells that is taken away before anything else.", valueName: "share"))
  var missing = 0.0

  @Option(help: ArgumentHelp("The folder for scores and results.", valueName: "folder"))
  var out: String?

  func validate() throws {
    guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is 1 to 1000 (actual: \(seeds))") }
    guard (0..<1).contains(missing) else {
      throw ValidationError("--missing is from 0 to under 1 (actual: \(missing))")
    }
    _ = try rule()
  }

  private func rule() throws -> ShareRule {
    if share == "auto" { return .estimated }
    if share.hasPrefix("truth") {
      let rest = share.dropFirst("truth".count)
      guard rest.isEmpty || "+-".contains(rest.prefix(1)), let more = rest.isEmpty ? 0 : Double(rest),
        more.magnitude < 1
      else { throw ValidationError("--share is truth, or truth and a number such as +0.1 (actual: \(share))") }
      return .known(plus: more)
    }
    guard let number = Double(share), (0..<1).contains(number) else {
      throw ValidationError("--share is auto, truth, or a number from 0 to under 1 (actual: \(share))")
    }
    return .given(number)
  }

  /// One measurement.
  private struct Cell: Sendable {
    var seed: UInt64
    var outcome: DetectionTrial.Outcome
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let specs = try detectors.map { try DetectorSpec(argument: $0) }
      guard Set(specs.map(\.name)).count == specs.count else {
        throw CopurError(.invalidArgument, "a detector is named once; give equal kinds a `name` each")
      }
      let rule = try rule()
      let tables = try self.tables.map { path in
        let file = try NumberFile(reading: path, truth: truth)
        return DetectionTable(name: file.name, rows: file.rows, truth: file.truth?.map { $0 != 0 })
      }
      if out != nil, Set(tables.map(\.name)).count < tables.count {
        throw CopurError(
          .invalidArgument, "with --out each table has a file name of its own, by which its scores are named")
      }
      let folder = try out.map(OutputFolder.make)
      var lines = [["table", "rows", "columns", "anomalies, %"] + specs.map(\.name)]
      var records = ["table,detector,seed,share,area,threshold,fit_seconds,score_seconds"]
      for table in tables {
        let cells = try await measure(specs, on: table, rule: rule)
        for (spec, cells) in zip(specs, cells) {
          for cell in cells {
            records.append(
              [
                RowFile.csvEscaped(table.name), RowFile.csvEscaped(spec.name), "\(cell.seed)", "\(cell.outcome.share)",
                cell.outcome.area.map { "\($0)" } ?? "", "\(cell.outcome.threshold)", "\(cell.outcome.seconds.fit)",
                "\(cell.outcome.seconds.score)",
              ].joined(separator: ","))
          }
        }
        let anomalies = table.truth.map { rounded(100 * Double($0.count { $0 }) / Double($0.count), 1) } ?? "?"
        lines.append(
          [table.name, "\(table.rows.rows)", "\(table.rows.columns)", anomalies] + cells.map(summary))
        if let folder {
          try write(cells: cells.map { $0[0] }, specs: specs, table: table, to: folder)
        }
      }
      try Terminal.print(AlignedRows(lines).text, terminator: "")
      let judged = tables.contains { $0.truth != nil }
      try Terminal.print(
        judged
          ? "\nArea under the curve on rows held out, mean ± standard deviation over \(seeds) seed\(seeds == 1 ? "" : "s")."
          : "\nHow many rows are called anomalies, with the share that was told or estimated.")
      if let folder {
        try DurableFile.write(
          Data((records.joined(separator: "\n") + "\n").utf8), to: folder.appending(path: "results.csv"))
        try Terminal.print("Scores: \(folder.relativePath)")
      }
    }
  }

  /// - Returns: For each detector a measurement a seed, in order.
  private func measure(_ specs: [DetectorSpec], on table: DetectionTable, rule: ShareRule) async throws -> [[Cell]] {
    let missing = missing
    let jobs = specs.indices.flatMap { spec in (0..<seeds).map { (spec, UInt64($0)) } }
    return try await withThrowingTaskGroup(of: (Int, Cell).self) { group in
      var (next, cells) = (0, specs.map { _ in [Cell]() })
      func start() {
        guard next < jobs.count else { return }
        let (index, seed) = jobs[next]
        next += 1
        group.addTask {
          let outcome = try DetectionTrial.run(
            specs[index].detector, on: table.missing(missing, seed: seed), rule: rule, seed: seed)
          return (index, Cell(seed: seed, outcome: outcome))
        }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { start() }
      while let (index, cell) = try await group.next() {
        cells[index].append(cell)
        start()
      }
      return cells.map { $0.sorted { $0.seed < $1.seed } }
    }
  }

  private func summary(_ cells: [Cell]) -> String {
    let areas = cells.compactMap(\.outcome.area)
    guard areas.count == cells.count else {
      let outcome = cells[0].outcome
      return "\(outcome.scores.count { $0 >= outcome.threshold }) (\(rounded(100 * outcome.share, 1)) %)"
    }
    let mean = areas.reduce(0, +) / Double(areas.count)
    guard areas.count > 1 else { return rounded(mean, 3) }
    let squares = areas.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return "\(rounded(mean, 3)) ± \(rounded((squares / Double(areas.count - 1)).squareRoot(), 3))"
  }

  private func rounded(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  /// Writes the first seed's scores: a line a row with each detector's score, and whether it is called an anomaly.
  private func write(cells: [Cell], specs: [DetectorSpec], table: DetectionTable, to folder: URL) throws {
    var text =
      "row,"
      + specs.flatMap { [RowFile.csvEscaped($0.name), RowFile.csvEscaped("\($0.name)-anomaly")] }
      .joined(separator: ",") + "\n"
    for (place, row) in cells[0].outcome.rows.enumerated() {
      text += "\(row),"
      text +=
        cells.map { cell in
          "\(cell.outcome.scores[place]),\(cell.outcome.scores[place] >= cell.outcome.threshold ? 1 : 0)"
        }.joined(separator: ",") + "\n"
    }
    try DurableFile.write(Data(text.utf8), to: folder.appending(path: "\(table.name)-scores.csv"))
  }
}

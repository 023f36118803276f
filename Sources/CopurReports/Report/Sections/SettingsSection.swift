internal import Foundation

/// The section of settings: the scenario, models, data, machine, and how long it took.
struct SettingsSection {
  let record: RunRecord
  let results: RunResults

  var section: ReportSection? {
    ReportSection(id: "settings", title: "Settings") {
      HTML("dl") {
        for (term, words) in facts {
          HTML("dt") { term }
          HTML("dd") { words }
        }
      }
      if !record.bundles.isEmpty {
        HTML("p") {
          "Models: "
          for (number, bundle) in record.bundles.enumerated() {
            number == 0 ? "seed \(bundle.seed) " : ", seed \(bundle.seed) "
            HTML("code") { bundle.modelVersion }
          }
          "."
        }
      }
      if !results.rows.isEmpty { times }
      HTML("h3") { "The scenario" }
      HTML("pre", ["tabindex": "0"]) { HTML("code") { record.scenarioText } }
    }
  }

  private var facts: [(String, String)] {
    [
      ("Data set", record.dataset), ("Training rows", "\(record.trainRows)"), ("Test rows", "\(record.testRows)"),
      ("Rows’ digest", String(record.datasetDigest.prefix(16))),
      ("To know of the data", record.notes.flatMap { $0.isEmpty ? nil : $0.joined(separator: ". ") } ?? "nothing"),
      ("Changed in the scenario", record.changes ?? "nothing"), ("Extractors", extractors),
      ("Mode", record.mode.rawValue),
      ("Seeds", record.seeds.map { "\($0)" }.joined(separator: ", ")),
      ("Begun", record.started.formatted(.iso8601)),
      ("Ended", record.finished.map { $0.formatted(.iso8601) } ?? "interrupted"),
      ("Duration", record.finished.map { Self.duration(from: record.started, to: $0) } ?? Number.none),
      ("copur", record.copurVersion), ("Commit", record.commit ?? "not recorded"),
      ("System", record.machine.operatingSystem),
      ("Processor", record.machine.processor ?? "not recorded"),
      ("Linear algebra", record.machine.linearAlgebra ?? "not recorded"),
      ("Cores", "\(record.machine.cores)"),
      ("Memory", "\(Number.short(Double(record.machine.memoryBytes) / 1_073_741_824)) GiB"),
    ]
  }

  /// The extractors that embed agents' rows, the same for all bundles or not.
  private var extractors: String {
    guard !record.bundles.isEmpty else { return Number.none }
    var seen: Set<String> = []
    return record.bundles.map { $0.extractor ?? "trained" }.filter { seen.insert($0).inserted }.joined(separator: ", ")
  }

  private static func duration(from start: Date, to end: Date) -> String {
    let seconds = end.timeIntervalSince(start)
    return seconds < 1 ? "under 1 s" : Number.duration(seconds: seconds.rounded())
  }

  /// The fusion center's time for a sample, over attacks and seeds.
  private var times: HTML {
    DataTable(
      caption: "Time for one sample, over all attacks and seeds"
        + (record.mode == .network ? ", rounds and messages included" : ", in batches"),
      corner: "defence", columns: ["least", "median", "most"].map { .init($0) },
      rows: results.defenses.map { defense in
        let seconds = results.rows.filter { $0.defense == defense }.map(\.secondsPerSample)
        let median = Quartiles(of: seconds)?.median
        return DataTable.Row(
          defense,
          cells: [seconds.min(), median, seconds.max()].map {
            .text($0.map { Number.duration(seconds: $0) } ?? Number.none)
          })
      }
    ).html
  }
}

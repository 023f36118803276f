import CopurCore
import CopurReports
import Foundation

/// Small made-up runs.
struct SampleRun {
  static let paperUser = "0BFC35E2-4817-4865-BFA7-764742302A2D"

  var scenario = "sample"
  var dataset = "extrasensory"
  var user = paperUser
  var isFinished = true
  var defenses: [RunRecord.Defense]?
  var agents: [String]?
  var attackKinds: [RunRecord.AttackKind]?
  var bundles: [RunRecord.Bundle] = []
  var rows: [ResultRow] = []
  var certificates: [CertificateRow] = []

  var record: RunRecord {
    var record = RunRecord(
      copurVersion: "1.2.3", scenario: scenario, scenarioText: "name: \(scenario)\n", mode: .inProcess, seeds: [0, 1],
      defenses: defenses,
      dataset: dataset,
      datasetSource: .object([
        "kind": .string(dataset), "user": .string(user), "label": .string("SITTING"), "train_rows": .number(2500),
      ]), datasetDigest: "0123456789abcdef0123456789abcdef", trainRows: 1721, testRows: 465)
    record.agents = agents
    record.bundles = bundles
    record.attackKinds = attackKinds
    record.started = Date(timeIntervalSince1970: 1_800_000_000)
    if isFinished { record.finished = Date(timeIntervalSince1970: 1_800_000_090) }
    return record
  }

  var report: RunReport { RunReport(record: record, rows: rows, certificates: certificates) }

  func page() throws -> Page { try Page(report.html) }

  /// Adds a row a seed.
  ///
  /// - Parameter accuracies: One a seed, from seed 0.
  mutating func add(
    _ defense: String, _ attack: String, kinds: [String] = [], goal: String? = nil, compromised: [String] = [],
    missing: [String] = [], amplification: Double? = nil, accuracies: [Double], balanced: Double = 0.5,
    success: Double? = nil, change: (inout ResultRow) -> Void = { _ in }
  ) {
    for (seed, accuracy) in accuracies.enumerated() {
      var row = ResultRow(
        scenario: scenario, dataset: dataset, seed: UInt64(seed), mode: .inProcess, defense: defense, attack: attack,
        attackKinds: kinds, goal: goal, compromised: compromised, missing: missing, amplification: amplification,
        n: 465, accuracy: accuracy, balancedAccuracy: balanced, majorityRate: 0.716, attackSuccessRate: success,
        secondsPerSample: 1e-5)
      change(&row)
      rows.append(row)
    }
  }
}

internal import CopurCore
internal import CopurNumerics

/// Training rows looked through before a training, by what agents say of each other: labels that are wrong, agents with a
/// trigger, blocks that are false. Nothing is known of how many there are, or of which kind.
struct TrainingAudit {
  let settings: AuditSettings

  /// The probability of being wrong over which a row is not trained on, and over which its label is replaced: more likely
  /// wrong than not, and beyond reasonable doubt.
  private static let (doubtful, sure) = (0.5, 0.8)

  /// Rows as an audit leaves them, and its findings.
  struct Judgement {
    /// The class of each row, from 0, some of them replaced.
    let labels: [Int]
    /// The blocks and agents that are not believed.
    let doubts: RowDoubts
    /// The places of the rows that are trained on, ascending.
    let kept: [Int]
    let record: AuditRecord
  }

  /// The judgement of rows, by the views of them.
  ///
  /// - Parameters:
  ///   - given: The class of each row, from 0.
  ///   - names: The agents.
  ///   - truth: The classes as they were before a simulation spoiled some; nil for unknown.
  /// - Throws: `CancellationError`; ``CopurError`` of code `.configuration` if there are too few rows or agents.
  func judge(
    _ views: AuditViews, labels given: [Int], agents names: [AgentID], truth: [Int]?,
    report: @escaping TrainingProgress.Report
  ) async throws -> Judgement {
    let (rows, agents) = (given.count, names.count)
    try check(rows: rows, agents: agents)
    let stage = "looking through the training rows"
    report(TrainingProgress(stage: stage, completed: 0, total: 3))
    var record = AuditRecord(rows: rows)
    var withheld = [Bool](repeating: false, count: rows * agents)
    var (labels, leftOut, dropped) = (given, Set<Int>(), Set<Int>())
    if settings.blocks {
      let found = try await concurrentMap(0..<agents) { agent in
        try Task.checkCancellation()
        return BlockTest(views: views).suspicion(of: agent)
      }.compactMap { $0 }
      for suspicion in found {
        for row in suspicion.rows { withheld[row * agents + suspicion.agent] = true }
        record.findings.append(
          .init(
            agent: names[suspicion.agent], reason: .blocks, share: suspicion.share,
            others: suspicion.others))
      }
      record.withheld = withheld.count { $0 }
    }
    report(TrainingProgress(stage: stage, completed: 1, total: 3))
    let evidence = try await AgentEvidence(views, labels: labels)
    report(TrainingProgress(stage: stage, completed: 2, total: 3))
    if settings.triggers {
      for suspicion in try await WitnessTest(views: views, evidence: evidence, labels: labels).suspicions() {
        leftOut.insert(suspicion.agent)
        record.findings.append(
          .init(
            agent: names[suspicion.agent], reason: .trigger, label: suspicion.label,
            share: suspicion.share, own: suspicion.own, others: suspicion.others))
      }
    }
    if settings.labels {
      let audit = LabelAudit(evidence.trimmed((0..<agents).filter { !leftOut.contains($0) }), labels: labels)
      record.flips = audit.flips
      let repair = Self.repair(labels, by: audit)
      (labels, dropped, record.labels) = (repair.labels, repair.dropped, repair.doubts)
      if let truth {
        let wrong = Set((0..<rows).filter { given[$0] != truth[$0] })
        let found = record.labels.count { wrong.contains($0.row) }
        record.precision = record.labels.isEmpty ? nil : Double(found) / Double(record.labels.count)
        record.recall = wrong.isEmpty ? nil : Double(found) / Double(wrong.count)
      }
    }
    // A row of which nobody is believed says nothing.
    for row in 0..<rows
    where (0..<agents).allSatisfy({
      !views.presence[$0][row] || withheld[row * agents + $0] || leftOut.contains($0)
    }) {
      dropped.insert(row)
    }
    report(TrainingProgress(stage: stage, completed: 3, total: 3))
    return Judgement(
      labels: labels, doubts: RowDoubts(agents: agents, withheld: withheld, leftOut: leftOut),
      kept: (0..<rows).filter { !dropped.contains($0) }, record: record)
  }

  /// The training rows of a data set, judged by what agents' features say.
  ///
  /// - Parameter seed: What is random follows from it.
  /// - Throws: As ``judge(_:labels:agents:truth:report:)``.
  func judge(_ dataset: Dataset, seed: UInt64, report: @escaping TrainingProgress.Report) async throws -> Judgement {
    try check(rows: dataset.train.count, agents: dataset.roster.count)
    return try await judge(
      AuditViews(dataset, seed: seed), labels: dataset.train.labels, agents: dataset.roster.agents,
      truth: dataset.train.poisoned?.labels, report: report)
  }

  /// Checks that there is enough to judge by.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if there are too few rows or agents.
  func check(rows: Int, agents: Int) throws {
    guard rows >= 2 * AuditViews.folds, agents >= 3 else {
      throw CopurError(
        .configuration,
        "an audit of training rows needs at least 3 agents, of which each is judged by the others, and \(2 * AuditViews.folds) "
          + "rows (agents: \(agents), rows: \(rows))")
    }
  }

  /// Labels with those replaced that are wrong beyond reasonable doubt, and the rows that are left out. Nothing is repaired where
  /// that would leave a class without a row: evidence that never speaks for a class is no judge of it.
  private static func repair(
    _ given: [Int], by audit: LabelAudit
  ) -> (labels: [Int], dropped: Set<Int>, doubts: [AuditRecord.Doubt]) {
    var (labels, dropped, doubts) = (given, Set<Int>(), [AuditRecord.Doubt]())
    for row in labels.indices where audit.doubts[row] > doubtful && audit.classes[row] != given[row] {
      let isSure = audit.doubts[row] > sure
      doubts.append(.init(row: row, before: given[row], after: isSure ? audit.classes[row] : nil))
      if isSure { labels[row] = audit.classes[row] } else { dropped.insert(row) }
    }
    let left = Set(labels.indices.filter { !dropped.contains($0) }.map { labels[$0] })
    return left.isSuperset(of: given) ? (labels, dropped, doubts) : (given, [], [])
  }
}

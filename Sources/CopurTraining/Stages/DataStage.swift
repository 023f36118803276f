internal import CopurCore
internal import CopurNumerics

/// The stage of the data: the rows that all others are trained on. A simulation spoils some, an audit looks for rows that lie, and
/// rows of which no agent has a reading are left out.
struct DataStage: Sendable {
  /// The settings by which rows are spoiled and looked through, and the width of extractors.
  let training: TrainingSettings

  /// Rows to train on.
  struct Result: Sendable {
    let rows: TrainingRows
    /// The findings of an audit; nil if there was none.
    var audit: AuditRecord?
  }

  /// - Parameter dataset: Only its training rows are used.
  /// - Throws: As ``run(on:truth:seed:report:)``.
  func run(
    on dataset: Dataset, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> Result {
    let dataset = training.poison?.applied(to: dataset, seed: seed) ?? dataset
    guard let robust = training.robust, robust.views == .features else {
      return try await run(
        on: TrainingRows(dataset), truth: dataset.train.poisoned?.labels, seed: seed, report: report)
    }
    let judgement = try await TrainingAudit(settings: robust).judge(dataset, seed: seed, report: report)
    let audited = TrainingRows(
      dataset.with(
        train: dataset.train.audited(labels: judgement.labels, doubts: judgement.doubts).selecting(judgement.kept)))
    try checkWeights(of: audited)
    return Result(rows: try audited.heard(), audit: judgement.record)
  }

  /// - Parameters:
  ///   - rows: Rows whose features are with the agents. They keep their numbers, by which the agents know them.
  ///   - truth: The classes as they were before a simulation spoiled some; nil for unknown.
  /// - Throws: ``CopurError`` of code `.configuration` if the settings do not fit the data; what an audit throws.
  func run(
    on rows: TrainingRows, truth: [Int]?, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> Result {
    try checkWeights(of: rows)
    guard let robust = training.robust else { return Result(rows: try rows.heard()) }
    let judgement = try await judge(rows, by: robust, truth: truth, seed: seed, report: report)
    return Result(rows: try rows.judged(judgement).heard(), audit: judgement.record)
  }

  /// Training rows judged by what the fusion center gets of them before anything is learned: embeddings by agents' first
  /// weights. A fusion center that looks at agents in processes of their own has no more, and no more is taken here.
  ///
  /// - Parameters:
  ///   - truth: The classes as they were before a simulation spoiled some; nil for unknown.
  ///   - seed: Gives the first weights, and what is random in an audit.
  /// - Throws: As ``TrainingAudit/judge(_:labels:agents:truth:report:)``, and ``CopurError`` if an agent cannot be asked.
  private func judge(
    _ rows: TrainingRows, by settings: AuditSettings, truth: [Int]?, seed: UInt64,
    report: @escaping TrainingProgress.Report
  ) async throws -> TrainingAudit.Judgement {
    let audit = TrainingAudit(settings: settings)
    try audit.check(rows: rows.count, agents: rows.roster.count)
    var settings = TrainingSettings()
    if training.extractor.isJoint { settings.embedding = training.embedding }
    settings.attack = training.attack
    let first = try await ExtractorStage(settings).trainJointly(
      on: rows, purpose: "before training", seed: seed, epochs: 0, report: { _ in })
    let observation = try await first.agents.observe(rows.numbers)
    return try await audit.judge(
      AuditViews(observation, classes: rows.classNames.count, seed: seed), labels: rows.labels,
      agents: rows.roster.agents, truth: truth, report: report)
  }

  /// Checks that no extractor has too many weights.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` that names the agent.
  private func checkWeights(of rows: TrainingRows) throws {
    for settings in [training] + training.alternatives {
      if settings.bringsModels {
        try settings.checkModelWidths(agents: rows.roster.count)
        continue
      }
      for (agent, width) in zip(rows.roster.agents, rows.roster.layout.widths)
      where width.multipliedReportingOverflow(by: settings.embedding).partialValue > TrainingSettings.weightLimit {
        throw CopurError(
          .configuration,
          "an extractor's weights, features × embedding, are at most \(TrainingSettings.weightLimit) (agent \(agent): "
            + "\(width) × \(settings.embedding))")
      }
    }
  }
}

extension TrainingRows {
  /// The rows as an audit leaves them.
  func judged(_ judgement: TrainingAudit.Judgement) -> TrainingRows {
    TrainingRows(
      roster: roster, columns: columns, classNames: classNames, silence: silence, digest: digest, agents: agents,
      numbers: numbers, labels: judgement.labels, presence: presence, doubts: judgement.doubts
    ).selecting(judgement.kept)
  }
}

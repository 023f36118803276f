internal import CopurCore
internal import CopurNumerics

extension BundleTrainer {
  /// Training rows judged by what the fusion center gets of them before anything is learned: embeddings by agents' first
  /// weights. A fusion center that looks at agents in processes of their own has no more, and no more is taken here.
  ///
  /// - Parameters:
  ///   - truth: The classes as they were before a simulation spoiled some; nil for unknown.
  ///   - seed: Gives the first weights, and what is random in an audit.
  /// - Throws: As ``TrainingAudit/judge(_:labels:agents:truth:report:)``, and ``CopurError`` if an agent cannot be asked.
  func judge(
    _ rows: TrainingRows, by settings: AuditSettings, truth: [Int]?, seed: UInt64, report: @escaping Report
  ) async throws -> TrainingAudit.Judgement {
    let audit = TrainingAudit(settings: settings)
    try audit.check(rows: rows.count, agents: rows.roster.count)
    try checkWeights(of: rows)
    var settings = TrainingSettings()
    if training.extractor.isJoint { settings.embedding = training.embedding }
    settings.attack = training.attack
    let first = BundleTrainer(name: name, training: settings, manifold: manifold, source: source)
    let (agents, _) = try await first.trainJointly(
      on: rows, purpose: "before training", seed: seed, epochs: 0, report: { _ in })
    let observation = try await agents.observe(rows.numbers)
    return try await audit.judge(
      AuditViews(observation, classes: rows.classNames.count, seed: seed), labels: rows.labels,
      agents: rows.roster.agents, truth: truth, report: report)
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

extension ModelBundle {
  /// The bundle with what an audit found in its training rows.
  func with(_ record: AuditRecord) throws -> ModelBundle {
    var manifest = manifest
    manifest.audit = record
    return try ModelBundle(manifest: manifest, parts: parts)
  }
}

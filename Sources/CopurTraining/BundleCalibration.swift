internal import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// δ, the gate's limits and those of the residuals, from the folds of a training.
struct BundleCalibration {
  let trainer: BundleTrainer
  let calibrator: Calibrator
  private let completed: [Matrix]

  init(trainer: BundleTrainer, folds: [HeldOutFold], layout: BlockLayout) {
    self.trainer = trainer
    calibrator = Calibrator(layout: layout, folds: folds.map(\.embeddings))
    completed = folds.map(\.completed)
  }

  /// - Parameters:
  ///   - manifold: What the bundle will hold.
  ///   - settings: How it was fitted; the folds' are fitted alike.
  ///   - agents: In the model's order.
  ///   - clean: The training rows that it was fitted to.
  ///   - gateLimits: Of ``Calibrator/gateLimits()``.
  func calibrate(
    _ manifold: any Manifold, settings: ManifoldSettings, agents: [AgentID], clean: Observation, gateLimits: [Float],
    seed: UInt64
  ) async throws -> (Calibration, CalibrationRecord) {
    let (calibrator, trainer, completed) = (calibrator, trainer, completed)
    let manifolds = try await concurrentMap(0..<calibrator.folds.count) { fold in
      try trainer.fitManifold(settings, to: completed[fold], seed: seed, report: { _ in })
    }
    let profiles = try EmbeddingProfile.fitting(clean)
    func purifier(_ manifold: any Manifold, _ profiles: [EmbeddingProfile]?) -> GatedPurifier {
      GatedPurifier(
        purifier: Purifier(manifold: manifold), gate: profiles.map { EmbeddingGate(profiles: $0, limits: gateLimits) })
    }
    let calibration = Calibration(
      profiles: profiles, gateLimits: gateLimits,
      residualLimits: calibrator.residualLimits(
        purifiers: manifolds.map { purifier($0, nil) }, final: purifier(manifold, nil), training: clean),
      gatedResidualLimits: calibrator.residualLimits(
        purifiers: zip(manifolds, calibrator.folds).map { purifier($0, $1.profiles) },
        final: purifier(manifold, profiles), training: clean))
    var record = CalibrationRecord(
      falseAlarmRate: calibrator.falseAlarmRate, rows: calibrator.rows,
      reconstruction: calibrator.reconstructionBound(manifolds: manifolds, final: manifold, training: clean))
    // A run needs two before it: without them nothing is known of how unlike runs are.
    guard calibrator.folds.count > 2 else { return (calibration, record) }
    let runs = try await concurrentMap(2..<calibrator.folds.count) { run in
      calibrator.suspects(inRun: run, manifolds: manifolds)
    }
    let wanted = calibrator.wantedGateLimits()
    record.agents = agents.enumerated().map { index, agent in
      let own = runs.map { $0[index] }
      let rates = own.map(Self.rate)
      return CalibrationRecord.Agent(
        agent: agent,
        promised: OrderStatistic.promised(
          calibrator.falseAlarmRate, values: own.reduce(0) { $0 + $1.count { $0 != nil } }),
        lastRun: rates.last ?? nil, worstRun: rates.compactMap { $0 }.max(), alarmLimit: AlarmMonitor.limit(of: own),
        isGateHeld: wanted[index] > Calibrator.widestGate)
    }
    return (calibration, record)
  }

  /// The fraction of an agent's rows in which it is suspect; nil if it is missing in all.
  private static func rate(of suspects: [Bool?]) -> Double? {
    let heard = suspects.compactMap { $0 }
    return heard.isEmpty ? nil : Double(heard.count { $0 }) / Double(heard.count)
  }
}

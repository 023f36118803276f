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
  ///   - clean: The training rows that it was fitted to.
  ///   - gateLimits: Of ``Calibrator/gateLimits()``.
  func calibrate(
    _ manifold: any Manifold, settings: ManifoldSettings, clean: Observation, gateLimits: [Float], seed: UInt64
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
    let record = CalibrationRecord(
      falseAlarmRate: calibrator.falseAlarmRate, rows: calibrator.rows,
      reconstruction: calibrator.reconstructionBound(manifolds: manifolds, final: manifold, training: clean))
    return (calibration, record)
  }
}

internal import CopurCore

/// A training of which nothing is left open, with what was decided on held-out training rows.
struct TrainingPlan {
  /// Without alternatives.
  let trainer: BundleTrainer
  /// Of a code that is set.
  let manifold: ManifoldSettings
  /// How each code did that was tried; empty if it was given.
  let candidates: [BundleManifest.Candidate]
  /// What limits are calibrated with.
  let calibration: BundleCalibration
  /// The gate's limit for each agent.
  let gateLimits: [Float]
}

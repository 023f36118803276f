internal import CopurCore

/// A recipe of which nothing is left open, with what was decided on held-out training rows.
struct TrainingPlan {
  /// Of a code that is set.
  let recipe: TrainingRecipe
  /// How each code did that was tried; empty if it was given.
  let candidates: [BundleManifest.Candidate]
  /// What limits are calibrated with.
  let calibration: CalibrationStage

  /// Runs the recipe on all rows.
  ///
  /// - Throws: What a stage throws.
  func run(
    on rows: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> ModelBundle {
    let bundle = try await recipe.run(
      on: rows, calibration: calibration, purpose: "all rows", seed: seed, report: report
    ).bundle
    return candidates.isEmpty ? bundle : try bundle.describing { $0.candidates = candidates }
  }
}

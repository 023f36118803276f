internal import CopurCore

/// A recipe of which nothing is left open, with what was decided on held-out training rows.
struct TrainingPlan {
  /// Of a code that is set.
  let recipe: TrainingRecipe
  /// The codes that were tried, and how each did; empty if the code was given.
  let candidates: [BundleManifest.Candidate]
  /// The stage that calibrates limits.
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

internal import CopurCore
internal import CopurPurification

/// The choice of a way to train, and of the manifold's dimension, on training rows alone.
///
/// No way to train is the best for all data: a head for each agent makes some agents know more and others unlearn what they
/// share. So each alternative is trained on a part of the training rows and judged on the rest, exactly as the candidates
/// for the dimension are, each by the dimension that it would get; the first within ``DimensionChoice/margin`` of the best
/// is taken.
struct TrainingChoice {
  /// The ways to train, at least one, the scenario's own first.
  let recipes: [TrainingRecipe]

  /// - Returns: What to train, and how each way did; none if there is only one.
  /// - Throws: What a training throws; ``CopurError`` if a choice is to be made and there are no rows to hold out.
  func choose(
    on rows: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> (TrainingPlan, [BundleManifest.JudgedTraining]) {
    var judged: [(plan: TrainingPlan, record: BundleManifest.JudgedTraining)] = []
    for recipe in recipes {
      let folds =
        recipe.isCalibrated ? try await HeldOutFold.train(by: recipe, on: rows, seed: seed, report: report) : []
      let calibration = recipe.calibrationStage(folds, agents: rows.roster.count)
      let isGiven = recipe.manifold.code != nil
      if isGiven, recipes.count == 1 {
        return (TrainingPlan(recipe: recipe, candidates: [], calibration: calibration), [])
      }
      let (chosen, candidates) = try await DimensionChoice(
        recipe: recipe, folds: folds, gateLimits: calibration.gateLimits
      ).choose(on: rows, seed: seed, report: report)
      var taken = recipe
      taken.manifold.code = chosen.code
      judged.append(
        (
          TrainingPlan(recipe: taken, candidates: isGiven ? [] : candidates, calibration: calibration),
          .init(training: recipe.training, code: chosen.code, clean: chosen.clean, corrupted: chosen.corrupted)
        ))
    }
    let best = judged.map(\.record.score).max() ?? 0
    let taken = judged.firstIndex { $0.record.score >= best - DimensionChoice.margin } ?? 0
    judged[taken].record.isTaken = true
    return (judged[taken].plan, recipes.count == 1 ? [] : judged.map(\.record))
  }
}

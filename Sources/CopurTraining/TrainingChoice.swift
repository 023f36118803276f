internal import CopurCore
internal import CopurPurification

/// How to train, and the manifold's dimension, chosen on training rows alone.
///
/// No way to train is the best for all data: a head for each agent makes some agents know more and others unlearn what they
/// share. So each alternative is trained on a part of the training rows and judged on the rest, exactly as the candidates
/// for the dimension are, each by the dimension that it would get; the first within ``DimensionChoice/margin`` of the best
/// is taken.
struct TrainingChoice {
  let trainer: BundleTrainer

  /// - Returns: What to train, and how each way did; none if there is only one.
  /// - Throws: What a training throws; ``CopurError`` if a choice is to be made and there are no rows to hold out.
  func choose(
    on rows: TrainingRows, seed: UInt64, report: @escaping BundleTrainer.Report
  ) async throws -> (TrainingPlan, [BundleManifest.JudgedTraining]) {
    let settings = trainer.training
    let trainings = [settings.alone] + settings.alternatives
    var judged: [(plan: TrainingPlan, record: BundleManifest.JudgedTraining)] = []
    for training in trainings {
      var alone = BundleTrainer(
        name: trainer.name, training: training, manifold: trainer.manifold, further: trainer.further,
        source: trainer.source)
      alone.isCalibrated = trainer.isCalibrated
      let folds =
        trainer.isCalibrated ? try await HeldOutFold.train(with: alone, on: rows, seed: seed, report: report) : []
      let calibration = BundleCalibration(
        trainer: alone, folds: folds, layout: alone.layout(agents: rows.roster.count))
      let gateLimits = calibration.calibrator.gateLimits()
      func plan(_ manifold: ManifoldSettings, _ candidates: [BundleManifest.Candidate]) -> TrainingPlan {
        TrainingPlan(
          trainer: alone, manifold: manifold, candidates: candidates, calibration: calibration, gateLimits: gateLimits)
      }
      let isGiven = trainer.manifold.code != nil
      if isGiven, trainings.count == 1 { return (plan(trainer.manifold, []), []) }
      let (chosen, candidates) = try await DimensionChoice(trainer: alone, folds: folds, gateLimits: gateLimits)
        .choose(on: rows, seed: seed, report: report)
      var manifold = trainer.manifold
      manifold.code = chosen.code
      judged.append(
        (
          plan(manifold, isGiven ? [] : candidates),
          .init(training: training, code: chosen.code, clean: chosen.clean, corrupted: chosen.corrupted)
        ))
    }
    let best = judged.map(\.record.score).max() ?? 0
    let taken = judged.firstIndex { $0.record.score >= best - DimensionChoice.margin } ?? 0
    judged[taken].record.isTaken = true
    return (judged[taken].plan, trainings.count == 1 ? [] : judged.map(\.record))
  }
}

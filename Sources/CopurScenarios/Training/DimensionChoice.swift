internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics
internal import CopurPurification
internal import Synchronization

/// `code: auto`: the manifold's dimension, chosen on training rows alone.
///
/// A large dimension fits clean embeddings better but leaves less redundancy to tell a corrupted block by (CoPur,
/// Theorem 2). So each candidate is trained on a part of the training rows and judged on the rest by balanced accuracy,
/// clean and under simulated corruptions of randomly chosen agents, which weigh as much together; the smallest code
/// within ``margin`` of the best is taken, for its redundancy.
///
/// Rows of a sensor come in the order of time and resemble their neighbours. Rows held out at random would be judged by
/// their neighbours in training, which favours whatever memorises; so runs of consecutive rows are held out.
struct DimensionChoice {
  let trainer: BundleTrainer

  /// Codes that are tried, where they are under the width of the embeddings.
  static let candidates = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

  /// How many runs of rows are held out, one after the other.
  static let folds = 4

  /// Mean balanced accuracies closer than this are not told apart: it is a handful of held-out rows.
  static let margin: Float = 0.01

  func choose(
    on dataset: Dataset, seed: UInt64, report: @escaping BundleTrainer.Report
  ) async throws -> (code: Int, candidates: [BundleManifest.Candidate]) {
    let rows = dataset.train.count
    let held = trainer.training.validationRows ?? rows / 8
    guard held >= dataset.classNames.count, rows - held >= 2 else {
      throw CopurError(
        .configuration, "code: auto needs training rows to hold out (rows: \(rows), held out: \(held))")
    }
    let width = trainer.layout(agents: dataset.roster.count).totalWidth
    let codes = Self.candidates.filter { $0 < width }
    report(TrainingProgress(stage: "choosing the code", completed: 0, total: Self.folds))
    let done = Atomic(0)
    let judged = try await concurrentMap(0..<Self.folds) { fold in
      let start = fold * (rows - held) / (Self.folds - 1)
      let scores = try judge(codes, on: dataset, holdingOut: start..<start + held, seed: seed)
      let completed = done.add(1, ordering: .relaxed).newValue
      report(TrainingProgress(stage: "choosing the code", completed: completed, total: Self.folds))
      return scores
    }
    let candidates = codes.enumerated().map { index, code in
      BundleManifest.Candidate(
        code: code, clean: judged.map { $0[index].clean }.reduce(0, +) / Float(Self.folds),
        corrupted: judged.map { $0[index].corrupted }.reduce(0, +) / Float(Self.folds))
    }
    let scores = candidates.map { ($0.clean + $0.corrupted) / 2 }
    let best = scores.max() ?? 0
    let chosen = scores.firstIndex { $0 >= best - Self.margin } ?? 0
    return (codes[chosen], candidates)
  }

  /// Balanced accuracies of each code on a run of training rows that the models were not trained on.
  private func judge(
    _ codes: [Int], on dataset: Dataset, holdingOut held: Range<Int>, seed: UInt64
  ) throws -> [BundleManifest.Candidate] {
    let silent: BundleTrainer.Report = { _ in }
    let validation = dataset.train.selecting(held)
    let rest = dataset.train.selecting((0..<dataset.train.count).filter { !held.contains($0) })
    let joint = try trainer.trainJointly(on: rest, of: dataset, seed: seed, report: silent)
    let embeddings = joint.extractors.embed(rest.features, layout: dataset.roster.layout)
    let clean = Observation(
      layout: trainer.layout(agents: dataset.roster.count),
      embeddings: joint.extractors.embed(validation.features, layout: dataset.roster.layout))
    let corruptions = SimulatedCorruption.all(agents: dataset.roster.count).map { $0.apply(to: clean, seed: seed) }
    return try codes.map { code in
      var settings = trainer.manifold
      settings.code = code
      let manifold = try trainer.fitManifold(settings, to: embeddings, seed: seed, report: silent)
      let model = try trainer.trainPurifiedModel(
        on: manifold.project(embeddings), labels: rest.labels, classes: dataset.classNames.count, seed: seed,
        report: silent)
      let defense = CoPur(purifier: Purifier(manifold: manifold), model: model)
      func accuracy(_ observation: Observation) -> Float {
        balancedAccuracy(predictions: defense.decide(observation).map(\.label), labels: validation.labels)
      }
      return BundleManifest.Candidate(
        code: code, clean: accuracy(clean),
        corrupted: corruptions.map(accuracy).reduce(0, +) / Float(corruptions.count))
    }
  }

  private func balancedAccuracy(predictions: [Int], labels: [Int]) -> Float {
    var (right, count): ([Int: Float], [Int: Float]) = ([:], [:])
    for (prediction, label) in zip(predictions, labels) {
      count[label, default: 0] += 1
      if prediction == label { right[label, default: 0] += 1 }
    }
    return count.reduce(0) { $0 + (right[$1.key] ?? 0) / $1.value } / Float(count.count)
  }
}

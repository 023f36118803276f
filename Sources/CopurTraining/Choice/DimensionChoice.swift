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
/// within ``margin`` of the best is taken, for its redundancy. What is judged is the defence as shipped, with its gate.
package struct DimensionChoice {
  let recipe: TrainingRecipe
  let folds: [HeldOutFold]
  /// The gate's limit for each agent.
  let gateLimits: [Float]

  /// Codes that are tried, where they are under the width of the embeddings.
  static let candidates = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]

  /// Mean balanced accuracies closer than this are not told apart: it is a handful of held-out rows.
  package static let margin: Float = 0.01

  /// - Returns: How the code to take did, which is the given one if one is given, and how each did that was tried.
  /// - Throws: What a training throws; ``CopurError`` if there are no rows to hold out.
  func choose(
    on all: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> (chosen: BundleManifest.Candidate, candidates: [BundleManifest.Candidate]) {
    let purpose = recipe.manifold.code == nil ? "code: auto" : "a choice between trainings"
    let (rows, held) = (all.count, HeldOutFold.heldOutRows(of: all.count, recipe.training))
    guard !folds.isEmpty, held >= all.classNames.count else {
      throw CopurError(
        .configuration, "\(purpose) needs training rows to hold out (rows: \(rows), held out: \(held))")
    }
    let layout = recipe.training.embeddingLayout(agents: all.roster.count)
    let codes = recipe.manifold.code.map { [$0] } ?? Self.candidates.filter { $0 < layout.totalWidth }
    report(TrainingProgress(stage: "choosing the code", completed: 0, total: folds.count))
    let done = Atomic(0)
    let judged = try await concurrentMap(0..<folds.count) { fold in
      let scores = try judge(codes, in: folds[fold], seed: seed)
      let completed = done.add(1, ordering: .relaxed).newValue
      report(TrainingProgress(stage: "choosing the code", completed: completed, total: folds.count))
      return scores
    }
    let candidates = codes.enumerated().map { index, code in
      func mean(_ value: KeyPath<BundleManifest.Candidate, Float>) -> Float {
        judged.map { $0[index][keyPath: value] }.reduce(0, +) / Float(judged.count)
      }
      return BundleManifest.Candidate(
        code: code, clean: mean(\.clean), corrupted: mean(\.corrupted),
        corruptedWithoutGate: mean(\.corruptedWithoutGate))
    }
    let best = candidates.map(\.score).max() ?? 0
    let chosen = candidates.first { $0.score >= best - Self.margin } ?? candidates[0]
    return (chosen, candidates)
  }

  /// Balanced accuracies of each code on a run of training rows that the models were not trained on.
  private func judge(
    _ codes: [Int], in fold: HeldOutFold, seed: UInt64
  ) throws -> [BundleManifest.Candidate] {
    let clean = fold.embeddings.heldOut
    let corruptions = SimulatedCorruption.all(agents: clean.layout.count).map { $0.apply(to: clean, seed: seed) }
    let gate = EmbeddingGate(profiles: fold.embeddings.profiles, limits: gateLimits)
    return try codes.map { code in
      var candidate = recipe
      candidate.manifold.code = code
      let manifold = try candidate.manifoldStage.run(on: fold.rows, seed: seed)
      let model = try candidate.fusionStage.purifiedModel(on: fold.rows, behind: manifold, seed: seed)
      func accuracy(_ observation: Observation, gate: EmbeddingGate?) -> Float {
        let defense = CoPur(
          purifier: GatedPurifier(purifier: Purifier(manifold: manifold), gate: gate), model: model)
        return Float(
          Metrics.balancedAccuracy(
            labels: fold.heldOutLabels, predictions: defense.decide(observation).map(\.label)))
      }
      func corrupted(gate: EmbeddingGate?) -> Float {
        corruptions.map { accuracy($0, gate: gate) }.reduce(0, +) / Float(corruptions.count)
      }
      return BundleManifest.Candidate(
        code: code, clean: accuracy(clean, gate: gate), corrupted: corrupted(gate: gate),
        corruptedWithoutGate: corrupted(gate: nil))
    }
  }
}

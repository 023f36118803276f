import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// Rules that hold for every defence. Adding a defence adds a row to `all`.
@Suite("Defenses")
struct DefenseTests {
  let layout = BlockLayout(widths: [3, 4, 3, 4])
  let all: [any Defense]
  let samples: Observation

  init() throws {
    var generator = SeededGenerator(seed: 3)
    let clean = generator.normalMatrix(rows: 60, columns: 14)
    let manifold = try LinearManifold(fitting: clean, layout: layout, dimension: 2)
    let model = FusionModel(
      network: DenseNetwork(widths: [14, 6, 3], hidden: .relu, using: &generator), classes: 3)
    let smoothing = SmoothingSettings(sigma: 0.5, draws: 64)
    let gated = CoPur(
      purifier: GatedPurifier(
        purifier: Purifier(manifold: manifold),
        gate: EmbeddingGate(profiles: try EmbeddingProfile.fitting(clean, layout: layout), limits: [0.8, 1, 1, 1])),
      model: model, residualLimits: [2, 2, 2, 2])
    all = [
      Unsecured(layout: layout, model: model), ManifoldProjection(manifold: manifold, model: model),
      CoPur(
        purifier: GatedPurifier(purifier: Purifier(manifold: manifold)), model: model,
        residualLimits: [0.5, 2, 2, 2]),
      gated,
      try SmoothedCoPur(base: gated, settings: smoothing, seed: 1),
      try RandomizedSmoothing(layout: layout, model: model, settings: smoothing, seed: 1),
      try RandomizedSmoothingBlock(
        layout: layout, model: model, settings: smoothing, seed: 1, compromised: [1, 3]),
      RandomizedAblation(
        layout: layout, model: model, null: (0..<14).map { _ in Float(generator.normal()) },
        subsets: AgentSubsets(agents: 4, keep: 2, draws: 1, using: &generator)),
      AdversariallyTrained(layout: layout, model: model),
      Oracle(purifier: Purifier(manifold: manifold), model: model, compromised: [2]),
      ScheduledCoPur(schedule: PaperSchedule(manifold: manifold), model: model),
      RelaxedCoPur(purifier: RelaxedPurifier(manifold: manifold, constraint: .bound(0.5)), model: model),
    ]
    var samples = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<20))
    for sample in 0..<20 where sample % 3 == 0 { samples.withhold(block: sample % 4, of: sample) }
    self.samples = samples
  }

  @Test("a batch gives what its samples give one by one")
  func batches() {
    for defense in all {
      let together = defense.decide(samples)
      #expect(together.count == 20)
      for sample in 0..<20 {
        #expect(defense.decide(samples.selecting([sample])) == [together[sample]], "\(defense.name)")
      }
    }
  }

  @Test("probabilities sum to 1 and the label is the likeliest class")
  func probabilities() {
    for defense in all {
      for decision in defense.decide(samples) {
        #expect(decision.probabilities.count == 3 && abs(decision.probabilities.reduce(0, +) - 1) < 1e-5)
        #expect(decision.probabilities.max() == decision.probabilities[decision.label], "\(defense.name)")
      }
    }
  }

  /// A gated block is no data for the purifier, but its distance from the purified one is still reported.
  @Test("CoPur's gate takes an outside block as missing and names it suspect; the paper's names it by its residual")
  func suspects() {
    var (attacked, without) = (samples, samples)
    for sample in 0..<20 where sample % 3 == 1 {
      attacked.set(block: 0, of: sample, to: [100, -100, 100])
      without.withhold(block: 0, of: sample)
    }
    for (sample, (gated, missing)) in zip(all[3].decide(attacked), all[3].decide(without)).enumerated() {
      #expect(gated.label == missing.label && gated.probabilities == missing.probabilities)
      guard sample % 3 == 1 else { continue }
      #expect(gated.gate == .withheld && gated.suspects?[0] == true && (gated.residuals?[0] ?? 0) > 100)
    }
    for (sample, decision) in all[2].decide(attacked).enumerated() {
      #expect(decision.gate == nil && decision.suspects?.count == 4)
      for block in 0..<4 where !attacked.isObserved(block: block, of: sample) {
        #expect(decision.suspects?[block] == false)
      }
      if sample % 3 == 1 { #expect(decision.suspects?[0] == true) }
    }
  }

  /// The service refuses such blocks at the door; a defence does not rely on it.
  @Test("a block that is not finite: CoPur's gate takes it as missing, the paper's decides from the middle and says so")
  func notFinite() {
    for value in [Float.nan, .infinity] {
      var (attacked, without) = (samples.selecting([1, 2]), samples.selecting([1, 2]))
      attacked.set(block: 0, of: 0, to: [value, 0, 0])
      without.withhold(block: 0, of: 0)
      let middle = all[2].decide(Observation(layout: layout, samples: 1))[0]
      let paper = all[2].decide(attacked)
      #expect(paper[0].converged == false && paper[0].probabilities == middle.probabilities)
      #expect(paper[0].suspects?[0] == true)
      #expect(paper[1] == all[2].decide(without)[1])
      let gated = all[3].decide(attacked)
      #expect(gated[0].converged == true && gated[0].gate == .withheld && gated[0].suspects?[0] == true)
      #expect(gated[0].probabilities == all[3].decide(without)[0].probabilities)
      for decision in paper + gated {
        #expect(decision.probabilities.allSatisfy(\.isFinite) && decision.objective?.isFinite == true)
        #expect(decision.residuals?.allSatisfy { $0?.isFinite ?? true } == true)
      }
    }
  }

  @Test("CoPur reports residuals of observed agents alone, and convergence")
  func residuals() {
    for (sample, decision) in all[2].decide(samples).enumerated() {
      #expect(decision.converged == true)
      for block in 0..<4 {
        #expect((decision.residuals?[block] != nil) == samples.isObserved(block: block, of: sample))
      }
    }
  }

  /// An attacker may send any finite number: single precision overflows long before, and ∞ − ∞ is NaN.
  @Test("the largest numbers that can be sent still give a decision", arguments: [Float(1e20), 1e38, 3.4e38])
  func extremes(value: Float) {
    var attacked = samples
    for sample in 0..<attacked.samples {
      attacked.set(block: 1, of: sample, to: [value, -value, value, sample % 2 == 0 ? value : -value])
    }
    for defense in all {
      for decision in defense.decide(attacked) {
        #expect(abs(decision.probabilities.reduce(0, +) - 1) < 1e-5, "\(defense.name): \(decision)")
        #expect(decision.residuals?.allSatisfy { $0?.isFinite ?? true } ?? true)
      }
    }
  }
}

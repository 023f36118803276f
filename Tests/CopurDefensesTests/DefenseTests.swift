import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// What holds for every defence. Adding a defence adds a row to `all`.
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
    all = [
      Unsecured(layout: layout, model: model), ManifoldProjection(manifold: manifold, model: model),
      CoPur(purifier: Purifier(manifold: manifold), model: model),
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

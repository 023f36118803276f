import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// Gradients that an attacker who knows a defence follows. Adding a defence adds a row to `victims`.
@Suite("Victims")
struct VictimTests {
  let layout = BlockLayout(widths: [3, 4, 3, 4])
  let victims: [any WhiteBoxDefense & Victim]
  let samples: Observation
  let labels = [0, 1, 2, 2, 1, 0]

  init() throws {
    var generator = SeededGenerator(seed: 3)
    let clean = generator.normalMatrix(rows: 60, columns: 14)
    let purifier = Purifier(manifold: try LinearManifold(fitting: clean, layout: layout, dimension: 2))
    // Slopes that differ little, so that a finite difference rarely sees a kink.
    let model = FusionModel(
      network: DenseNetwork(widths: [14, 6, 3], hidden: .leakyReLU(slope: 0.9), using: &generator), classes: 3)
    let smoothing = SmoothingSettings(sigma: 0.5, draws: 40)
    victims = [
      AdversariallyTrained(layout: layout, model: model),
      try RandomizedSmoothing(layout: layout, model: model, settings: smoothing, seed: 1),
      try RandomizedSmoothingBlock(
        layout: layout, model: model, settings: smoothing, seed: 1, compromised: [1, 3]),
      RandomizedAblation(
        layout: layout, model: model, null: (0..<14).map { _ in Float(generator.normal()) },
        subsets: AgentSubsets(agents: 4, keep: 2, draws: 1, using: &generator)),
      try SmoothedCoPur(
        base: CoPur(purifier: GatedPurifier(purifier: purifier), model: model), settings: smoothing, seed: 1),
      Oracle(purifier: purifier, model: model, compromised: [2]),
    ]
    var samples = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<6))
    samples.withhold(block: 0, of: 4)
    self.samples = samples
  }

  @Test("gradients are those of finite differences of the losses; none where a block is missing or not used")
  func finiteDifferences() {
    let seeds = [UInt64](repeating: 0, count: 6)
    for victim in victims {
      let result = victim.lossGradient(samples, labels: labels, seeds: seeds)
      #expect(result.losses.allSatisfy { $0 > 0 } && result.gradient.isFinite)
      for column in 0..<14 {
        func losses(_ change: Float) -> [Float] {
          var content = samples.embeddings
          for sample in 0..<6 { content[sample, column] += change }
          let moved = samples.replacing(blocks: [0, 1, 2, 3], with: content)
          return victim.lossGradient(moved, labels: labels, seeds: seeds).losses
        }
        for (sample, (up, down)) in zip(losses(5e-3), losses(-5e-3)).enumerated() {
          // A fixed 0 where a missing block would stand is no input of the finite difference.
          if sample == 4, column < 3, !(victim is RandomizedAblation), !(victim is any RecoveringDefense) { continue }
          let slope = (up - down) / 1e-2
          #expect(
            abs(slope - result.gradient[sample, column]) < 3e-3 + 0.02 * abs(slope),
            "\(victim.name), sample \(sample), column \(column): \(slope), \(result.gradient[sample, column])")
        }
      }
    }
  }

  @Test("each sample's gradient is its own, whatever it is batched with")
  func batches() {
    for victim in victims {
      let together = victim.lossGradient(samples, labels: labels, seeds: [UInt64](repeating: 0, count: 6))
      for sample in 0..<6 {
        let alone = victim.lossGradient(samples.selecting([sample]), labels: [labels[sample]], seeds: [0])
        for column in 0..<14 {
          #expect(abs(alone.gradient[0, column] - together.gradient[sample, column]) < 1e-5, "\(victim.name)")
        }
      }
    }
  }

  @Test("votes say that their gradient is another's; an oracle's liar has none")
  func caveats() {
    #expect(
      victims.filter { $0.gradientCaveat != nil }.map(\.name) == [
        "randomized-smoothing", "randomized-smoothing-block", "randomized-ablation", "copur-smoothing",
      ])
    let gradient = victims[5].lossGradient(samples, labels: labels, seeds: [UInt64](repeating: 0, count: 6)).gradient
    for sample in 0..<6 {
      #expect(layout[2].allSatisfy { gradient[sample, $0] == 0 } && layout[1].contains { gradient[sample, $0] != 0 })
    }
  }
}

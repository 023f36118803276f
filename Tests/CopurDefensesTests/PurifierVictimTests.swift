import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// Each defence's gradient against finite differences of its own decisions.
@Suite("Defenses with a purifier as victims")
struct PurifierVictimTests {
  let layout = BlockLayout(widths: [3, 4, 3, 4, 3])
  let clean: Matrix
  let manifold: LinearManifold
  let model: FusionModel
  let gate: EmbeddingGate

  init() throws {
    var generator = SeededGenerator(seed: 9)
    clean = generator.normalMatrix(rows: 60, columns: 17)
    manifold = try LinearManifold(fitting: clean, layout: layout, dimension: 2)
    model = FusionModel(
      network: DenseNetwork(widths: [17, 6, 3], hidden: .leakyReLU(slope: 0.5), using: &generator), classes: 3)
    gate = EmbeddingGate(profiles: try EmbeddingProfile.fitting(clean, layout: layout), limits: [1, 1, 1, 1, 1])
  }

  private var defenses: [any WhiteBoxDefense] {
    let purifier = Purifier(manifold: manifold)
    return [
      Unsecured(layout: layout, model: model), ManifoldProjection(manifold: manifold, model: model),
      CoPur(purifier: GatedPurifier(purifier: purifier), model: model),
      CoPur(purifier: GatedPurifier(purifier: purifier, gate: gate), model: model),
    ]
  }

  @Test("the gradient is that of the defence as a whole")
  func gradients() {
    var observation = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<3))
    observation.withhold(block: 4, of: 1)
    let labels = [0, 1, 2]
    for defense in defenses {
      let victim = defense.victim
      #expect(victim.gradientCaveat == nil && !victim.isRandomized && victim.classes == 3)
      #expect(victim.decide(observation) == defense.decide(observation))
      let result = victim.lossGradient(observation, labels: labels, seeds: [0, 0, 0])
      for block in 0..<4 {
        for column in layout[block] {
          func losses(_ shift: Float) -> [Float] {
            var moved = observation.embeddings
            for sample in 0..<3 { moved[sample, column] += shift }
            return victim.lossGradient(
              observation.replacing(blocks: [block], with: moved), labels: labels, seeds: [0, 0, 0]
            ).losses
          }
          for (sample, (up, down)) in zip(losses(5e-3), losses(-5e-3)).enumerated() {
            #expect(
              abs((up - down) / 1e-2 - result.gradient[sample, column]) < 5e-3, "\(defense.name) \(block) \(column)")
          }
        }
      }
    }
  }

  @Test("a gated block has no gradient, and what the regions accept passes the gate")
  func regions() throws {
    let gated = defenses[3]
    var observation = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<3))
    for sample in 0..<3 { observation.set(block: 1, of: sample, to: [40, -40, 40, 40]) }
    let gradient = gated.victim.lossGradient(observation, labels: [0, 1, 2], seeds: [0, 0, 0]).gradient
    for sample in 0..<3 { for column in layout[1] { #expect(gradient[sample, column] == 0) } }
    #expect(defenses[2].victim(surrogate: model).regions == nil)
    let region = try #require(gated.victim(surrogate: model).regions?[1])
    for sample in 0..<3 { observation.set(block: 1, of: sample, to: region.nearby([40, -40, 40, 40])) }
    #expect(gate.apply(to: observation).outside.enumerated().allSatisfy { $0.offset % 5 != 1 || !$0.element })
  }

  @Test("a defence that gives no gradient is attacked through its model, and that is said")
  func opaque() {
    struct Opaque: WhiteBoxDefense {
      let name = "opaque"
      let layout: BlockLayout
      let model: FusionModel
      func decide(_ observation: Observation) -> [Decision] { model.decide(observation.embeddings) }
    }
    let victim = Opaque(layout: layout, model: model).victim(surrogate: model)
    #expect(victim.gradientCaveat?.hasPrefix("opaque gives no gradient") == true && victim.regions == nil)
    let observation = Observation(layout: layout, embeddings: clean.selecting(rows: 0..<2))
    let gradient = victim.lossGradient(observation, labels: [0, 1], seeds: [0, 0]).gradient
    #expect(gradient == model.lossGradient(observation.embeddings, labels: [0, 1]).gradient)
  }
}

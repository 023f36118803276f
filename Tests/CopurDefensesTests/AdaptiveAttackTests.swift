import CopurAttacks
import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// An adaptive attack against what is the worst by theory.
@Suite("Adaptive attacks on CoPur")
struct AdaptiveAttackTests {
  let layout = BlockLayout(widths: [4, 4, 4, 4, 4, 4, 4])
  let clean: Observation
  let manifold: LinearManifold
  let model: FusionModel
  let labels: [Int]

  init() throws {
    var generator = SeededGenerator(seed: 31)
    let direction = generator.normalMatrix(rows: 1, columns: 28)
    var embeddings = Matrix.product(generator.normalMatrix(rows: 80, columns: 1, standardDeviation: 2), direction)
    embeddings.add(generator.normalMatrix(rows: 80, columns: 28))
    clean = Observation(layout: layout, embeddings: embeddings)
    manifold = try LinearManifold(fitting: embeddings, layout: layout, dimension: 1)
    // The class is the sign of the code.
    model = FusionModel(
      network: DenseNetwork(layers: [
        DenseLayer(weights: manifold.directions.transposed, bias: [0], activation: .identity)
      ]), classes: 2)
    labels = manifold.encode(embeddings).values.map { $0 > 0 ? 1 : 0 }
  }

  private func accuracy(_ defense: CoPur, under attack: any Attack, of blocks: [Int]) throws -> Double {
    let received = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: blocks)]).apply(
      to: clean, labels: labels, victim: model, defended: defense.victim
    ).received
    return Double(zip(defense.decide(received), labels).count { $0.label == $1 }) / 80
  }

  /// Whatever a block sends, it adds V_i·b with ‖b‖ ≤ 1 to the subgradient. For one direction v_i the extremes are ±‖v_i‖,
  /// which a block far out along ±v_i reaches.
  private struct FarOut: Attack {
    let manifold: LinearManifold
    let sign: [Float]

    func craft(_ situation: AttackSituation) -> Proposal {
      var embeddings = situation.observation.embeddings
      for row in 0..<embeddings.rows {
        for block in situation.compromised {
          for column in manifold.layout[block] {
            embeddings[row, column] = sign[row] * 1e5 * manifold.directions[0, column]
          }
        }
      }
      return Proposal(embeddings)
    }
  }

  @Test("for one direction it finds the worst that the agents can do", arguments: [[1], [0, 3], [2, 4, 6]])
  func worst(blocks: [Int]) throws {
    let defense = CoPur(purifier: GatedPurifier(purifier: Purifier(manifold: manifold)), model: model)
    let descent = ProjectedGradientDescent(goal: .untargeted, step: 1, iterations: 30)
    let found = try accuracy(defense, under: AdaptiveDescent(descent: descent, restarts: 3), of: blocks)
    let worst = try accuracy(
      defense, under: FarOut(manifold: manifold, sign: labels.map { $0 == 1 ? -1 : 1 }), of: blocks)
    #expect(abs(found - worst) < 0.02 && worst < 1)
  }

  @Test("behind the gate it does no more than in front of none, no less than a black box, and passes the gate")
  func gated() throws {
    let purifier = Purifier(manifold: manifold)
    let gate = EmbeddingGate(
      profiles: try EmbeddingProfile.fitting(clean.embeddings, layout: layout),
      limits: [Float](repeating: 1.1, count: 7))
    let (open, gated) = (
      CoPur(purifier: GatedPurifier(purifier: purifier), model: model),
      CoPur(purifier: GatedPurifier(purifier: purifier, gate: gate), model: model)
    )
    let adaptive = AdaptiveDescent(
      descent: ProjectedGradientDescent(goal: .untargeted, step: 1, iterations: 30), restarts: 6)
    let behind = try accuracy(gated, under: adaptive, of: [2, 4, 6])
    #expect(try behind >= accuracy(open, under: adaptive, of: [2, 4, 6]) - 0.02)
    #expect(try behind <= accuracy(gated, under: RandomSearch(goal: .untargeted, queries: 100), of: [2, 4, 6]))
    #expect(try behind < accuracy(gated, under: FeatureFlipping(amplification: 10), of: [2, 4, 6]))
    let doubled = AdaptiveDescent(
      descent: ProjectedGradientDescent(goal: .untargeted, step: 1, iterations: 80), restarts: 12)
    #expect(try abs(behind - accuracy(gated, under: doubled, of: [2, 4, 6])) < 0.02)
  }
}

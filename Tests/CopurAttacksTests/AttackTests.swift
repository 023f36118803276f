import CopurAttacks
import CopurCore
import CopurLearning
import CopurNumerics
import Testing

@Suite("Attacks")
struct AttackTests {
  let layout = BlockLayout(widths: [2, 3, 2])
  let clean: Observation
  let victim: FusionModel
  let labels = [0, 1, 1, 0]

  init() {
    var generator = SeededGenerator(seed: 4)
    clean = Observation(layout: layout, embeddings: generator.normalMatrix(rows: 4, columns: 7))
    victim = FusionModel(
      network: DenseNetwork(widths: [7, 5, 1], hidden: .leakyReLU(slope: 0.9), using: &generator), classes: 2)
  }

  @Test("flipping sends −amplification · l_i and touches no other block")
  func flipping() throws {
    let plan = try AttackPlan(missing: [], parts: [.init(attack: FeatureFlipping(amplification: 10), blocks: [1])])
    let attacked = plan.apply(to: clean, labels: labels, victim: victim).received
    for sample in 0..<4 {
      for column in 0..<7 {
        let value = clean.embeddings[sample, column]
        #expect(attacked.embeddings[sample, column] == (2..<5 ~= column ? -10 * value : value))
      }
    }
  }

  @Test("an agent that is also missing is an error, and so is one that attacks twice")
  func disjoint() {
    let part = AttackPlan.Part(attack: FeatureFlipping(amplification: 1), blocks: [1])
    #expect(throws: CopurError.self) { try AttackPlan(missing: [0, 1], parts: [part]) }
    #expect(throws: CopurError.self) { try AttackPlan(missing: [], parts: [part, part]) }
  }

  @Test("a missing block is withheld, whatever attack runs beside it")
  func missing() throws {
    let plan = try AttackPlan(missing: [0], parts: [.init(attack: FeatureFlipping(amplification: 2), blocks: [2])])
    let attacked = plan.apply(to: clean, labels: labels, victim: victim).received
    #expect((0..<4).allSatisfy { !attacked.isObserved(block: 0, of: $0) && attacked.isObserved(block: 2, of: $0) })
  }

  @Test(
    "PGD lowers the loss of its target in every direction mode, through the blocks it holds alone",
    arguments: ProjectedGradientDescent.Direction.allCases)
  func descent(direction: ProjectedGradientDescent.Direction) throws {
    let attack = ProjectedGradientDescent(
      goal: .targeted(label: nil), step: 0.5, iterations: 30, direction: direction)
    let plan = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: [0, 2])])
    let attacked = plan.apply(to: clean, labels: labels, victim: victim).received
    let opposite = labels.map { 1 - $0 }
    let before = victim.lossGradient(clean.embeddings, labels: opposite).loss
    let after = victim.lossGradient(attacked.embeddings, labels: opposite).loss
    #expect(after < 0.5 * before)
    for sample in 0..<4 {
      for column in 2..<5 { #expect(attacked.embeddings[sample, column] == clean.embeddings[sample, column]) }
    }
    if direction == .normalized {
      for sample in 0..<4 {
        let moved = [0, 1, 5, 6].map { attacked.embeddings[sample, $0] - clean.embeddings[sample, $0] }
        // 30 steps of 0.5 go at most 15 far.
        #expect(moved.reduce(0) { $0 + $1 * $1 }.squareRoot() <= 15.001)
      }
    }
  }

  @Test("untargeted PGD raises the loss of the true class")
  func untargeted() throws {
    let attack = ProjectedGradientDescent(goal: .untargeted, step: 0.5, iterations: 20)
    let plan = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: [1])])
    let attacked = plan.apply(to: clean, labels: labels, victim: victim).received
    #expect(
      victim.lossGradient(attacked.embeddings, labels: labels).loss
        > 2 * victim.lossGradient(clean.embeddings, labels: labels).loss)
  }

  @Test("a sample's gradient is its own: a batch is attacked as its samples one by one")
  func samplesAreIndependent() throws {
    let attack = ProjectedGradientDescent(goal: .untargeted, step: 0.1, iterations: 5)
    let plan = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: [1])])
    let together = plan.apply(to: clean, labels: labels, victim: victim).received
    for sample in 0..<4 {
      let alone = plan.apply(to: clean.selecting([sample]), labels: [labels[sample]], victim: victim).received
      for column in 0..<7 {
        #expect(abs(alone.embeddings[0, column] - together.embeddings[sample, column]) < 1e-5)
      }
    }
  }

  @Test("what is not finite is never sent")
  func sendable() throws {
    struct Infinite: Attack {
      func craft(_ situation: AttackSituation) -> Proposal {
        Proposal(Matrix(rows: 4, columns: 7, values: (0..<28).map { $0 % 2 == 0 ? .infinity : .nan }))
      }
    }
    let plan = try AttackPlan(missing: [], parts: [.init(attack: Infinite(), blocks: [0])])
    #expect(plan.apply(to: clean, labels: labels, victim: victim).received.embeddings.isFinite)
  }
}

import CopurAttacks
import CopurCore
import CopurLearning
import CopurNumerics
import Testing

/// Attacks that look for the worst, with gradients and without.
@Suite("Adaptive attacks, black boxes and projections")
struct AdaptiveAttackTests {
  let layout = BlockLayout(widths: [4, 4, 4])
  let clean: Observation
  let model: FusionModel
  /// The model's classes of the clean samples: without an attack it is never wrong.
  let labels: [Int]
  /// Balls of radius 3 around the honest middle of each agent.
  let regions: [AcceptedRegion]

  init() {
    var generator = SeededGenerator(seed: 12)
    let embeddings = generator.normalMatrix(rows: 40, columns: 12)
    clean = Observation(layout: layout, embeddings: embeddings)
    model = FusionModel(
      network: DenseNetwork(widths: [12, 8, 1], hidden: .leakyReLU(slope: 0.9), using: &generator), classes: 2)
    labels = model.decide(embeddings).map(\.label)
    regions = (0..<3).map { _ in
      AcceptedRegion(
        profile: EmbeddingProfile(
          centre: [0, 0, 0, 0], axes: Matrix([[1, 0, 0, 0], [0, 1, 0, 0]]), scales: [1, 1], units: [100, 3, 3]),
        limit: 1)
    }
  }

  private func outcome(_ attack: any Attack, on victim: any Victim, blocks: [Int] = [1]) throws -> AttackOutcome {
    try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: blocks)]).apply(
      to: clean, labels: labels, victim: model, defended: victim)
  }

  private func accuracy(_ received: Observation) -> Double {
    Double(zip(model.decide(received), labels).count { $0.label == $1 }) / Double(labels.count)
  }

  private let descent = ProjectedGradientDescent(goal: .untargeted, step: 0.3, iterations: 20)

  @Test("a projection keeps each block in its ball, and reaches its edge", arguments: Projection.Norm.allCases)
  func projection(norm: Projection.Norm) throws {
    let attack = ProjectedGradientDescent(
      goal: .untargeted, step: 0.5, iterations: 30, projection: Projection(norm: norm, radius: 0.7))
    let attacked = try outcome(attack, on: model, blocks: [0, 2]).received
    for sample in 0..<40 {
      for block in [0, 2] {
        let changes = layout[block].map { attacked.embeddings[sample, $0] - clean.embeddings[sample, $0] }
        let size =
          norm == .l2 ? changes.reduce(0) { $0 + $1 * $1 }.squareRoot() : changes.map(abs).max() ?? 0
        #expect(abs(size - 0.7) < 1e-4)
      }
    }
  }

  @Test("without a gate one agent decides; within the gate less, and every block is accepted")
  func gate() throws {
    let free = try outcome(AdaptiveDescent(descent: descent), on: ToyVictim(model: model)).received
    #expect(accuracy(free) == 0)
    let gated = try outcome(AdaptiveDescent(descent: descent), on: ToyVictim(model: model, regions: regions))
    // Flipping × 10 is not held to the gate: what comes of it is for the victim to say. Here it has none, so take the rest.
    let small = AdaptiveDescent(
      descent: ProjectedGradientDescent(
        goal: .untargeted, step: 0.3, iterations: 20, projection: Projection(norm: .l2, radius: 2)))
    let both = try outcome(small, on: ToyVictim(model: model, regions: regions)).received
    for sample in 0..<40 {
      let block = both.embeddings[row: sample][(sample * 12 + 4)..<(sample * 12 + 8)]
      let honest = clean.embeddings[row: sample][(sample * 12 + 4)..<(sample * 12 + 8)]
      let change = zip(block, honest).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      #expect(change <= 2.001)
      #expect(regions[1].contains(block) || !regions[1].contains(honest))
    }
    #expect(accuracy(both) >= accuracy(gated.received) && accuracy(both) < 1)
  }

  @Test("more starts never do less harm, and the worst of all does at least what flipping does")
  func worstOf() throws {
    let victim = ToyVictim(model: model)
    let weak = ProjectedGradientDescent(
      goal: .untargeted, step: 0.02, iterations: 3, projection: Projection(norm: .linf, radius: 0.4))
    let one = accuracy(try outcome(AdaptiveDescent(descent: weak, restarts: 1), on: victim).received)
    let six = accuracy(try outcome(AdaptiveDescent(descent: weak, restarts: 6), on: victim).received)
    let plain = accuracy(try outcome(weak, on: model).received)
    #expect(six <= one && one <= plain && six < 1)
    let flipped = accuracy(try outcome(FeatureFlipping(amplification: 10), on: model).received)
    #expect(accuracy(try outcome(AdaptiveDescent(descent: descent), on: victim).received) <= flipped)
  }

  @Test("gradients that are all 0 are reported, by both kinds of descent")
  func blind() throws {
    let victim = ToyVictim(model: model, isBlind: true)
    let warning = ["the gradient was 0 throughout for 40 of 40 samples"]
    #expect(try outcome(AdaptiveDescent(descent: descent), on: victim).warnings == warning)
    let plan = try AttackPlan(missing: [], parts: [.init(attack: descent, blocks: [1])])
    #expect(plan.apply(to: clean, labels: labels, victim: victim).warnings == warning)
    #expect(plan.apply(to: clean, labels: labels, victim: model).warnings.isEmpty)
  }

  @Test("a black box asks as often as it may, and lowers the accuracy of a model without a defence")
  func blackBox() throws {
    let victim = ToyVictim(model: model)
    let attack = RandomSearch(goal: .untargeted, queries: 60)
    let found = try outcome(attack, on: victim)
    // Once more for what agents honestly send.
    #expect(victim.asked == 61)
    #expect(accuracy(found.received) < 0.5)
    #expect(try outcome(attack, on: victim).received == found.received)
    for sample in 0..<40 {
      for column in [0, 1, 2, 3, 8, 9, 10, 11] {
        #expect(found.received.embeddings[sample, column] == clean.embeddings[sample, column])
      }
    }
  }

  @Test("an oblivious part is given the model, an adaptive one the defence")
  func victims() throws {
    let defended = ToyVictim(model: model)
    _ = try outcome(descent, on: defended)
    #expect(defended.asked == 0)
    _ = try outcome(RandomSearch(goal: .untargeted, queries: 1), on: defended)
    #expect(defended.asked > 0)
  }
}

import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import Testing

@Suite("RandomizedAblation")
struct RandomizedAblationTests {
  private func subsets(_ agents: Int, _ keep: Int, draws: Int = 100, seed: UInt64 = 0) -> AgentSubsets {
    var generator = SeededGenerator(seed: seed)
    return AgentSubsets(agents: agents, keep: keep, draws: draws, using: &generator)
  }

  @Test(
    "all subsets, each once, where they are few",
    arguments: [(10, 4, 210), (4, 2, 6), (5, 1, 5), (6, 6, 1), (1, 1, 1), (16, 6, 8008)])
  func enumeration(agents: Int, keep: Int, count: Int) {
    let subsets = subsets(agents, keep)
    #expect(subsets.isExhaustive && subsets.members.count == count && Set(subsets.members).count == count)
    #expect(
      subsets.members.allSatisfy { members in
        members.count == keep && members == members.sorted() && Set(members).count == keep
          && members.allSatisfy { (0..<agents).contains($0) }
      })
  }

  @Test("a seeded sample where they are many, even where their number is beyond any integer")
  func sampling() {
    // C(16, 8) = 12870 is over the limit.
    for (agents, keep) in [(16, 8), (1000, 500)] {
      let drawn = subsets(agents, keep, draws: 50)
      #expect(!drawn.isExhaustive && drawn.members.count == 50)
      #expect(drawn.members.allSatisfy { Set($0).count == keep && $0 == $0.sorted() })
      #expect(subsets(agents, keep, draws: 50) == drawn && subsets(agents, keep, draws: 50, seed: 1) != drawn)
    }
  }

  @Test(
    "votes are those of the model on each subset by itself, a missing agent's block NULL", arguments: [false, true])
  func votes(isLearned: Bool) {
    var generator = SeededGenerator(seed: 2)
    let layout = BlockLayout(widths: [2, 3, 1, 4, 2])
    let model = FusionModel(
      network: DenseNetwork(widths: [12, 6, 3], hidden: .leakyReLU(slope: 0.2), using: &generator), classes: 3)
    let null = (0..<12).map { _ in isLearned ? Float(generator.normal()) : 0 }
    var observation = Observation(layout: layout, embeddings: generator.normalMatrix(rows: 30, columns: 12))
    for sample in 0..<30 where sample % 2 == 0 { observation.withhold(block: sample % 5, of: sample) }
    let defense = RandomizedAblation(layout: layout, model: model, null: null, subsets: subsets(5, 2))

    var expected = [[Int]](repeating: [0, 0, 0], count: 30)
    for first in 0..<5 {
      for second in first + 1..<5 {
        for sample in 0..<30 {
          var row = null
          for block in [first, second] where observation.isObserved(block: block, of: sample) {
            for column in layout[block] { row[column] = observation.embeddings[sample, column] }
          }
          expected[sample][model.decide(Matrix([row]))[0].label] += 1
        }
      }
    }
    #expect(defense.votes(observation) == expected)
    #expect(expected.allSatisfy { $0.reduce(0, +) == 10 } && expected.contains { ($0.max() ?? 0) < 9 })
    for (decision, votes) in zip(defense.decide(observation), expected) {
      #expect(decision.probabilities == votes.map { Float($0) / 10 })
      // The first of those with the most votes.
      #expect(decision.label == votes.firstIndex(of: votes.max() ?? 0))
    }
  }
}

import CopurCore
import CopurNumerics
import CopurTraining
import Testing

struct SimulatedCorruptionTests {
  private static let layout = BlockLayout(widths: [2, 1, 3, 2, 1, 2, 1, 1, 2, 3])
  private static let clean: Observation = {
    var generator = SeededGenerator(seed: 1)
    let values = (0..<20 * layout.totalWidth).map { _ in Float(1 + generator.uniform()) }
    return Observation(
      layout: layout, embeddings: Matrix(rows: 20, columns: layout.totalWidth, values: values))
  }()

  @Test(
    "One and three tenths of the agents, of each kind; of few agents one",
    arguments: [(10, [1, 3, 1, 3, 1, 3]), (4, [1, 1, 1]), (1, [1, 1, 1]), (7, [1, 2, 1, 2, 1, 2])])
  func all(agents: Int, counts: [Int]) {
    #expect(SimulatedCorruption.all(agents: agents).map(\.agents) == counts)
  }

  @Test(
    "In each sample as many blocks are changed or withheld as it says, and no others",
    arguments: SimulatedCorruption.all(agents: 10))
  func counts(_ corruption: SimulatedCorruption) {
    let corrupted = corruption.apply(to: Self.clean, seed: 7)
    var victims: Set<Int> = []
    for sample in 0..<Self.clean.samples {
      func block(_ observation: Observation, _ index: Int) -> [Float] {
        Self.layout[index].map { observation.embeddings[sample, $0] }
      }
      let blocks = 0..<Self.layout.count
      let touched = blocks.filter {
        block(corrupted, $0) != block(Self.clean, $0) || !corrupted.isObserved(block: $0, of: sample)
      }
      victims.formUnion(touched)
      // A sample may be replaced by itself, but three times as large.
      #expect(touched.count == corruption.agents)
      for index in touched {
        switch corruption.kind {
        case .flipped: #expect(block(corrupted, index) == block(Self.clean, index).map { -10 * $0 })
        case .replaced:
          let others = (0..<Self.clean.samples).map { other in
            Self.layout[index].map { 3 * Self.clean.embeddings[other, $0] }
          }
          #expect(others.contains(block(corrupted, index)))
        case .withheld: break
        }
        #expect(corrupted.isObserved(block: index, of: sample) == (corruption.kind != .withheld))
      }
    }
    #expect(victims.count > corruption.agents, "other agents in other samples")
    #expect(corruption.apply(to: Self.clean, seed: 7) == corrupted)
    #expect(corruption.apply(to: Self.clean, seed: 8) != corrupted)
  }
}

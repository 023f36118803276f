import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("The paper's schedule")
struct PaperScheduleTests {
  private static let layout = BlockLayout(widths: [6, 3, 8, 5])

  private func manifold(seed: UInt64) -> AutoencoderManifold {
    var generator = SeededGenerator(seed: seed)
    return AutoencoderManifold(
      layout: Self.layout,
      encoder: DenseNetwork(widths: [22, 14, 4], hidden: .leakyReLU(slope: 0.8), using: &generator),
      decoder: DenseNetwork(widths: [4, 14, 22], hidden: .leakyReLU(slope: 0.8), using: &generator),
      centralCode: [0, 0, 0, 0], blockScale: 2)
  }

  private func received(_ samples: Int, seed: UInt64) -> Observation {
    var generator = SeededGenerator(seed: seed)
    var observation = Observation(
      layout: Self.layout, embeddings: generator.normalMatrix(rows: samples, columns: 22))
    observation.withhold(block: 1, of: 0)
    return observation
  }

  private func norms(_ a: [Float], _ b: [Float], blocks: [Int]) -> Double {
    blocks.reduce(0) { sum, block in
      sum + Self.layout[block].reduce(0) { $0 + Double((a[$1] - b[$1]) * (a[$1] - b[$1])) }.squareRoot()
    }
  }

  @Test("both gradients agree with finite differences", arguments: [UInt64](0..<4))
  func gradients(seed: UInt64) {
    let manifold = manifold(seed: seed)
    var settings = PaperSchedule.Settings()
    settings.multiplier = 3
    let schedule = PaperSchedule(manifold: manifold, settings: settings)
    let observation = received(1, seed: seed + 50)
    let h = observation.embeddings.values
    var generator = SeededGenerator(seed: seed + 90)
    let point = generator.normalMatrix(rows: 1, columns: 22).values
    func project(_ l: [Float]) -> [Float] {
      manifold.project(Matrix(rows: 1, columns: 22, values: l)).values
    }
    let search = { norms(project($0), h, blocks: [0, 2, 3]) }
    let refine = { norms($0, h, blocks: [0, 2, 3]) + 3 * norms(project($0), $0, blocks: [0, 1, 2, 3]) }
    let ours = (
      schedule.searchGradient(at: point, of: observation), schedule.refinementGradient(at: point, of: observation)
    )
    for column in 0..<22 {
      var (left, right) = (point, point)
      left[column] -= 1e-3
      right[column] += 1e-3
      let (a, b) = ((search(right) - search(left)) / 2e-3, (refine(right) - refine(left)) / 2e-3)
      #expect(abs(a - Double(ours.0[column])) < 1e-2, "seed \(seed), column \(column)")
      #expect(abs(b - Double(ours.1[column])) < 3e-2, "seed \(seed), column \(column)")
    }
  }

  @Test("a batch gives, bit for bit, what its samples give one by one", arguments: [UInt64](0..<3))
  func batches(seed: UInt64) {
    let schedule = PaperSchedule(manifold: manifold(seed: seed))
    let observation = received(37, seed: seed)
    let together = schedule.purify(observation)
    for sample in 0..<37 {
      let alone = schedule.purify(observation.selecting([sample]))
      #expect(Array(together.embeddings[row: sample]) == alone.embeddings.values, "seed \(seed)")
      #expect(together.reports[sample] == alone.reports[0], "seed \(seed)")
    }
  }

  @Test("nothing observed is not solved, and an exact match stays finite")
  func edges() {
    let manifold = manifold(seed: 1)
    let schedule = PaperSchedule(manifold: manifold)
    let clean = Observation(layout: Self.layout, embeddings: manifold.decode(Matrix([[1, -1, 0.5, 2]])))
    #expect(schedule.purify(clean).embeddings.isFinite)
    let nothing = schedule.purify(Observation(layout: Self.layout, samples: 1))
    #expect(!nothing.reports[0].converged && nothing.embeddings.isFinite)
  }
}

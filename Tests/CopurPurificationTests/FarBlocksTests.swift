import CopurCore
import CopurNumerics
import CopurPurification
import Testing

/// A block far out pulls with its strength and no more, however far it is.
@Suite("Blocks far out")
struct FarBlocksTests {
  /// Nine agents with noise, of whom one sends a block so far out along a direction of the manifold.
  private struct Problem {
    let manifold: LinearManifold
    let received: Matrix
    let layout: BlockLayout

    init(dimension: Int, seed: UInt64) throws {
      let problem = try SyntheticManifold(
        widths: [3, 5, 4, 6, 3, 4, 5, 6, 4], dimension: dimension, samples: 4, seed: seed)
      (manifold, layout) = (problem.manifold, problem.layout)
      var generator = SeededGenerator(seed: seed + 5)
      var received = problem.truth
      received.add(
        generator.normalMatrix(rows: 4, columns: layout.totalWidth, standardDeviation: 0.5))
      self.received = received
    }

    func observation(farBy size: Float) -> Observation {
      var observation = Observation(layout: layout, embeddings: received)
      for sample in 0..<4 {
        let direction = sample % manifold.codeWidth
        observation.set(
          block: 1, of: sample,
          to: layout[1].map { received[sample, $0] + size * manifold.directions[direction, $0] })
      }
      return observation
    }
  }

  @Test(
    "Whether a block is off by 1e6 or by 1e30, the solver converges, and to the same code",
    arguments: [1, 2, 3, 8], [UInt64](0..<10))
  func distance(dimension: Int, seed: UInt64) throws {
    let problem = try Problem(dimension: dimension, seed: seed)
    for sign in [Float(-1), 1] {
      let purifier = Purifier(manifold: problem.manifold)
      var first: [[Double]] = []
      for size in [Float(1e6), 1e9, 1e12, 1e15, 1e18, 1e24, 1e30] {
        let observation = problem.observation(farBy: sign * size)
        for report in purifier.purify(observation).reports { #expect(report.converged, "\(size) \(report.status)") }
        let codes = try #require(purifier.preciseCodes(observation))
        if first.isEmpty { first = codes }
        for (a, b) in zip(first.joined(), codes.joined()) { #expect(abs(a - b) < 1e-3, "\(size)") }
      }
    }
  }
}

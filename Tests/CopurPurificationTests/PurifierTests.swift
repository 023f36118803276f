import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Purifier on a linear manifold")
struct PurifierTests {
  static let widths = [32, 8, 16, 32, 5, 32, 20, 32, 11, 32]

  /// CoPur's Theorem 2: where enough honest blocks outweigh the corrupted ones, l* is the unique solution of Eq. 5. The
  /// reference code left 88 % relative error on such a problem after its 100 steps.
  @Test("one corrupted block of ten and two missing ones do not move the solution", arguments: [UInt64](0..<10))
  func exactRecovery(seed: UInt64) throws {
    let problem = try SyntheticManifold(widths: Self.widths, dimension: 12, samples: 3, seed: seed)
    var observation = Observation(layout: problem.layout, embeddings: problem.truth)
    for sample in 0..<3 {
      let block = problem.layout[3]
      observation.set(block: 3, of: sample, to: block.map { -10 * problem.truth[sample, $0] })
    }
    observation.withhold(block: 4)
    observation.withhold(block: 8)
    let purification = Purifier(manifold: problem.manifold).purify(observation)
    for sample in 0..<3 {
      #expect(purification.reports[sample].converged)
      #expect(problem.relativeError(purification.embeddings, sample: sample) < 1e-4, "seed \(seed)")
      let residuals = purification.reports[sample].residuals
      #expect(residuals[4] == nil && residuals[8] == nil)
      let largest = (0..<10).max { residuals[$0] ?? 0 < residuals[$1] ?? 0 }
      #expect(largest == 3)
      let sum = residuals.reduce(Float(0)) { $0 + ($1 ?? 0) }
      #expect(abs(purification.reports[sample].objective - sum) < 1e-3 * sum)
    }
  }

  @Test("a clean sample is its own purification")
  func fixedPoint() throws {
    let problem = try SyntheticManifold(widths: Self.widths, dimension: 4, samples: 5, seed: 2)
    let purification = Purifier(manifold: problem.manifold).purify(
      Observation(layout: problem.layout, embeddings: problem.truth))
    for sample in 0..<5 {
      #expect(problem.relativeError(purification.embeddings, sample: sample) < 1e-5)
      #expect(purification.reports[sample].converged && purification.embeddings.isFinite)
    }
  }

  /// The reference code fits the zeros that it puts in for a missing block.
  @Test("what a missing block holds has no effect, not even NaN")
  func missingContent() throws {
    let problem = try SyntheticManifold(widths: [6, 6, 6, 6], dimension: 2, samples: 4, seed: 5)
    var generator = SeededGenerator(seed: 8)
    var received = problem.truth
    received.add(generator.normalMatrix(rows: 4, columns: 24, standardDeviation: 0.3))
    for sample in 0..<4 { for column in 6..<12 { received[sample, column] = .nan } }
    var poisoned = Observation(layout: problem.layout, embeddings: received)
    var never = Observation(layout: problem.layout, samples: 4)
    for sample in 0..<4 {
      for block in [0, 2, 3] {
        never.set(block: block, of: sample, to: problem.layout[block].map { received[sample, $0] })
      }
    }
    poisoned.withhold(block: 1)
    let purifier = Purifier(manifold: problem.manifold)
    #expect(purifier.purify(poisoned).embeddings == purifier.purify(never).embeddings)
    #expect(purifier.purify(never).embeddings.isFinite)
  }

  @Test("a batch gives, bit for bit, what its samples give one by one")
  func batches() throws {
    let problem = try SyntheticManifold(widths: Self.widths, dimension: 3, samples: 40, seed: 6)
    var generator = SeededGenerator(seed: 9)
    var received = problem.truth
    received.add(generator.normalMatrix(rows: 40, columns: problem.layout.totalWidth))
    let observation = Observation(layout: problem.layout, embeddings: received)
    let purifier = Purifier(manifold: problem.manifold)
    let together = purifier.purify(observation)
    for sample in 0..<40 {
      let alone = purifier.purify(observation.selecting([sample]))
      #expect(Array(together.embeddings[row: sample]) == alone.embeddings.values)
      #expect(together.reports[sample] == alone.reports[0])
    }
  }

  /// The weighted geometric median on a line: with D(z) = z for each of five agents the problem is the median.
  @Test("with equal one-column blocks the solution is the median")
  func median() {
    let layout = BlockLayout(widths: [1, 1, 1, 1, 1])
    let manifold = LinearManifold(
      layout: layout, offset: [0, 0, 0, 0, 0], directions: Matrix([[1, 1, 1, 1, 1]]), blockScale: 1)
    let purification = Purifier(manifold: manifold).purify(
      Observation(layout: layout, embeddings: Matrix([[3, 1, 1000, 2, -50]])))
    #expect(abs(purification.codes[0, 0] - 2) < 1e-3)
    #expect(abs(purification.reports[0].objective - (1 + 1 + 998 + 0 + 52)) < 0.1)
  }

  @Test("no observed block at all: the middle of the manifold, not converged, nothing trapped")
  func nothingObserved() throws {
    let problem = try SyntheticManifold(widths: [4, 4], dimension: 2, samples: 1, seed: 1)
    let purification = Purifier(manifold: problem.manifold).purify(Observation(layout: problem.layout, samples: 1))
    #expect(!purification.reports[0].converged)
    #expect(purification.codes.values == [0, 0])
    #expect(purification.reports[0].residuals == [nil, nil])
  }

  @Test(
    "numbers near the limits of Float never come out as NaN or infinity",
    arguments: [Float(3e38), .leastNonzeroMagnitude, 0])
  func extremes(value: Float) throws {
    let problem = try SyntheticManifold(widths: [4, 4, 4], dimension: 2, samples: 1, seed: 1)
    var observation = Observation(layout: problem.layout, embeddings: problem.truth)
    observation.set(block: 0, of: 0, to: [value, -value, value, value])
    let purification = Purifier(manifold: problem.manifold).purify(observation)
    #expect(purification.embeddings.isFinite)
    #expect(purification.reports[0].objective.isFinite)
  }
}

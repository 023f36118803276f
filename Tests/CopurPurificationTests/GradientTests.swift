import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

/// Implicit derivatives of the purifier against finite differences of the purifier itself.
@Suite("Gradients through the purifier")
struct PurifierGradientTests {
  /// The largest error of the gradient of Σ w·l̂, relative to the largest element.
  private func error(
    of purifier: Purifier, at observation: Observation, weights: Matrix, difference: Float
  ) -> Float {
    let analytic = purifier.gradient(weights, at: purifier.purify(observation), of: observation)
    let columns = observation.layout.totalWidth
    var (worst, largest) = (Float(0), Float(0))
    for column in 0..<columns {
      func value(_ shift: Float, _ sample: Int) -> Double {
        var moved = observation.embeddings
        moved[sample, column] += shift
        let blocks = Array(0..<observation.layout.count)
        let purified = purifier.purify(observation.replacing(blocks: blocks, with: moved)).embeddings
        return zip(purified[row: sample], weights[row: sample]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      for sample in 0..<observation.samples {
        let numeric = Float((value(difference, sample) - value(-difference, sample)) / Double(2 * difference))
        worst = max(worst, abs(numeric - analytic[sample, column]))
        largest = max(largest, abs(numeric))
      }
    }
    #expect(largest > 0.01)
    return worst / largest
  }

  @Test("affine manifold of dimension 1 to 3, one agent far off, one missing", arguments: 1...3)
  func affine(dimension: Int) throws {
    let problem = try SyntheticManifold(widths: [3, 5, 4, 4, 3], dimension: dimension, samples: 4, seed: 7)
    var generator = SeededGenerator(seed: 8)
    var received = problem.truth
    received.add(generator.normalMatrix(rows: 4, columns: 19, standardDeviation: 0.5))
    var observation = Observation(layout: problem.layout, embeddings: received)
    for sample in 0..<4 { observation.set(block: 1, of: sample, to: [5, -5, 5, 0, 20]) }
    observation.withhold(block: 3, of: 2)
    let weights = generator.normalMatrix(rows: 4, columns: 19)
    let purifier = Purifier(manifold: problem.manifold)
    #expect(error(of: purifier, at: observation, weights: weights, difference: 0.01) < 2e-3)
    let gradient = purifier.gradient(weights, at: purifier.purify(observation), of: observation)
    for column in problem.layout[3] { #expect(gradient[2, column] == 0) }
  }

  @Test("curved manifold")
  func curved() {
    var generator = SeededGenerator(seed: 5)
    let layout = BlockLayout(widths: [4, 4, 4, 4, 4])
    let manifold = AutoencoderManifold(
      layout: layout, encoder: DenseNetwork(widths: [20, 6, 2], hidden: .identity, using: &generator),
      decoder: DenseNetwork(widths: [2, 8, 20], hidden: .leakyReLU(slope: 0.6), using: &generator),
      centralCode: [0, 0], blockScale: 1)
    var received = manifold.decode(generator.normalMatrix(rows: 3, columns: 2))
    received.add(generator.normalMatrix(rows: 3, columns: 20, standardDeviation: 0.3))
    let observation = Observation(layout: layout, embeddings: received)
    let weights = generator.normalMatrix(rows: 3, columns: 20)
    // Small enough that no unit of the decoder changes sides between the two points.
    #expect(error(of: Purifier(manifold: manifold), at: observation, weights: weights, difference: 0.005) < 0.01)
  }

  /// Solutions like kinks. Moved a little, they stay on them: samples whose differences agree at two distances.
  @Test("a solution that a kink holds")
  func held() throws {
    var checked = 0
    for seed in UInt64(0)..<8 {
      var generator = SeededGenerator(seed: seed)
      let layout = BlockLayout(widths: [4, 4, 4, 4, 4])
      let manifold = AutoencoderManifold(
        layout: layout, encoder: DenseNetwork(widths: [20, 6, 3], hidden: .identity, using: &generator),
        decoder: DenseNetwork(widths: [3, 12, 20], hidden: .leakyReLU(slope: 0.3), using: &generator),
        centralCode: [0, 0, 0], blockScale: 1)
      let purifier = Purifier(manifold: manifold)
      let received = generator.normalMatrix(rows: 1, columns: 20)
      let observation = Observation(layout: layout, embeddings: received)
      let weights = generator.normalMatrix(rows: 1, columns: 20)
      let purification = purifier.purify(observation)
      guard !purification.heldUnits[0].isEmpty else { continue }
      let gradient = purifier.gradient(weights, at: purification, of: observation)
      for column in 0..<20 {
        func slope(_ distance: Float) -> Float {
          let values = [distance, -distance].map { shift in
            var moved = received
            moved[0, column] += shift
            let purified = purifier.purify(Observation(layout: layout, embeddings: moved)).embeddings
            return zip(purified.values, weights.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          }
          return Float((values[0] - values[1]) / Double(2 * distance))
        }
        let (near, far) = (slope(0.005), slope(0.01))
        guard abs(near - far) < 0.002 else { continue }
        #expect(abs(gradient[0, column] - near) < 0.01, "seed \(seed), column \(column)")
        checked += 1
      }
    }
    #expect(checked > 30)
  }
}

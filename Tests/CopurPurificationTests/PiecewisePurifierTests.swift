import CopurCore
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("Purifier on a piecewise affine manifold")
struct PiecewisePurifierTests {
  /// A decoder that bends: two code dimensions through a leaky layer.
  private func manifold(seed: UInt64) -> AutoencoderManifold {
    var generator = SeededGenerator(seed: seed)
    let layout = BlockLayout(widths: [8, 8, 8, 8, 8, 8])
    return AutoencoderManifold(
      layout: layout, encoder: DenseNetwork(widths: [48, 12, 2], hidden: .identity, using: &generator),
      decoder: DenseNetwork(widths: [2, 24, 48], hidden: .leakyReLU(slope: 0.8), using: &generator),
      centralCode: [0, 0], blockScale: 1)
  }

  @Test("the code is found again although one agent of six lies and one is missing", arguments: [UInt64](0..<10))
  func recovery(seed: UInt64) {
    let manifold = manifold(seed: seed)
    var generator = SeededGenerator(seed: seed + 100)
    let codes = generator.normalMatrix(rows: 4, columns: 2)
    let truth = manifold.decode(codes)
    var observation = Observation(layout: manifold.layout, embeddings: truth)
    for sample in 0..<4 {
      observation.set(block: 2, of: sample, to: manifold.layout[2].map { -10 * truth[sample, $0] })
    }
    observation.withhold(block: 5)
    let purification = Purifier(manifold: manifold).purify(observation)
    for sample in 0..<4 {
      #expect(purification.reports[sample].converged)
      for index in 0..<2 {
        #expect(abs(purification.codes[sample, index] - codes[sample, index]) < 1e-2, "seed \(seed)")
      }
    }
  }

  /// Hidden units that are all on one side of their kinks make the decoder affine.
  @Test("where no kink is near, the affine solver and the curved one find the same minimum")
  func agreesWithAffine() throws {
    let problem = try SyntheticManifold(widths: [6, 6, 6, 6, 6], dimension: 2, samples: 6, seed: 3)
    var generator = SeededGenerator(seed: 4)
    var received = problem.truth
    received.add(generator.normalMatrix(rows: 6, columns: 30))
    let observation = Observation(layout: problem.layout, embeddings: received)
    let directions = problem.manifold.directions
    let offset = (0..<30).map { problem.manifold.offset[$0] - 64 * (directions[0, $0] + directions[1, $0]) }
    let curved = AutoencoderManifold(
      layout: problem.layout,
      encoder: DenseNetwork(layers: [
        DenseLayer(weights: problem.manifold.directions.transposed, bias: [0, 0], activation: .identity)
      ]),
      decoder: DenseNetwork(layers: [
        DenseLayer(weights: Matrix([[1, 0], [0, 1]]), bias: [64, 64], activation: .leakyReLU(slope: 0.5)),
        DenseLayer(weights: directions, bias: offset, activation: .identity),
      ]),
      centralCode: [0, 0], blockScale: problem.manifold.blockScale)
    let affine = Purifier(manifold: problem.manifold).purify(observation)
    let general = Purifier(manifold: curved).purify(observation)
    for sample in 0..<6 {
      let (a, b) = (affine.reports[sample].objective, general.reports[sample].objective)
      #expect(abs(a - b) < 1e-4 * a)
    }
  }
}

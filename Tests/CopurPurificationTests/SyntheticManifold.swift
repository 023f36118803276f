import CopurCore
import CopurLearning
import CopurNumerics

/// An exact linear manifold with a known l*, and what agents send of it.
struct SyntheticManifold {
  let manifold: LinearManifold
  /// l*, [n, D].
  let truth: Matrix
  let layout: BlockLayout

  init(widths: [Int], dimension: Int, samples: Int, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    layout = BlockLayout(widths: widths)
    let directions = generator.normalMatrix(rows: dimension, columns: layout.totalWidth)
    var offset: [Float] = []
    for _ in 0..<layout.totalWidth { offset.append(Float(generator.normal())) }
    var truth = Matrix.product(generator.normalMatrix(rows: samples, columns: dimension), directions)
    truth.addToEachRow(offset)
    self.truth = truth
    manifold = LinearManifold(layout: layout, offset: offset, directions: directions, blockScale: 5)
  }

  func relativeError(_ embeddings: Matrix, sample: Int) -> Float {
    var (difference, size) = (Float(0), Float(0))
    for column in 0..<layout.totalWidth {
      let gap = embeddings[sample, column] - truth[sample, column]
      difference += gap * gap
      size += truth[sample, column] * truth[sample, column]
    }
    return (difference / size).squareRoot()
  }
}

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

/// An autoencoder with kinks that is the identity on a subspace: x = (φ(x) − φ(−x))/(1 + slope) for a leaky ReLU φ.
///
/// Its manifold is that of the linear one, exactly, but a solver sees a curved one.
func kinkedAutoencoder(of manifold: LinearManifold, slope: Float = 0.8) -> AutoencoderManifold {
  let (rank, width) = (manifold.directions.rows, manifold.directions.columns)
  let share = 1 / (1 + slope)
  func mirrored(_ matrix: Matrix) -> Matrix { Matrix(matrix.rowArrays.map { $0 + $0.map { -$0 } }) }
  func halves(_ matrix: Matrix) -> Matrix {
    let rows = matrix.rowArrays.map { $0.map { share * $0 } }
    return Matrix(rows + rows.map { $0.map { -$0 } })
  }
  let identity = Matrix((0..<rank).map { row in (0..<rank).map { $0 == row ? 1 : 0 } })
  let toCode = manifold.directions.transposed
  let shift = Matrix.product(Matrix(rows: 1, columns: width, values: manifold.offset), toCode).values.map { -$0 }
  let activation = Activation.leakyReLU(slope: slope)
  return AutoencoderManifold(
    layout: manifold.layout,
    encoder: DenseNetwork(layers: [
      DenseLayer(weights: mirrored(toCode), bias: shift + shift.map { -$0 }, activation: activation),
      DenseLayer(weights: halves(identity), bias: [Float](repeating: 0, count: rank), activation: .identity),
    ]),
    decoder: DenseNetwork(layers: [
      DenseLayer(
        weights: mirrored(identity), bias: [Float](repeating: 0, count: 2 * rank), activation: activation),
      DenseLayer(weights: halves(manifold.directions), bias: manifold.offset, activation: .identity),
    ]),
    centralCode: [Float](repeating: 0, count: rank), blockScale: manifold.blockScale)
}

extension Matrix {
  /// The rows, an array each.
  var rowArrays: [[Float]] { (0..<rows).map { Array(self[row: $0]) } }
}

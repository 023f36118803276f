internal import CopurNumerics

/// A dense network laid out for iterative solvers: many evaluations of a few rows each, nothing allocated in between.
///
/// Each row of a result is the same, bit for bit, in whatever batch it is computed.
public struct PackedNetwork: Sendable {
  struct Layer: Sendable {
    let forward: PackedMatrix
    let backward: PackedMatrix
    /// As long as a row of the product, padding included.
    let bias: [Float]
    /// The activation's slope at and under 0.
    let slope: Float
  }

  let layers: [Layer]
  /// The number of values of a row of inputs, without padding.
  public let inputWidth: Int
  /// The number of values of a row of outputs, without padding.
  public let outputWidth: Int
  /// The floats in a row of outputs: the width and its padding.
  public let outputStride: Int
  /// The floats in a row of input gradients: the width and its padding.
  public let inputStride: Int

  /// - Parameter layers: At least one. Two affine ones in a row become one where that is fewer multiplications, which is
  ///   the same function up to rounding.
  public init(_ layers: [DenseLayer]) {
    let layers = Self.fused(layers)
    inputWidth = layers[0].weights.rows
    outputWidth = layers[layers.count - 1].weights.columns
    self.layers = layers.map { layer in
      let forward = PackedMatrix(layer.weights)
      let padding = [Float](repeating: 0, count: forward.paddedColumns - layer.bias.count)
      return Layer(
        forward: forward, backward: PackedMatrix(layer.weights, .transposed), bias: layer.bias + padding,
        slope: layer.activation.lowerSlope)
    }
    outputStride = self.layers[layers.count - 1].forward.paddedColumns
    inputStride = self.layers[0].backward.paddedColumns
  }

  private static func fused(_ layers: [DenseLayer]) -> [DenseLayer] {
    var result: [DenseLayer] = []
    for layer in layers {
      if let last = result.last, last.activation.lowerSlope == 1 {
        let (inputs, middle, outputs) = (last.weights.rows, layer.weights.rows, layer.weights.columns)
        if inputs * outputs < middle * (inputs + outputs) {
          result[result.count - 1] = DenseLayer(
            weights: Matrix.product(last.weights, layer.weights),
            bias: layer.affine(Matrix(rows: 1, columns: middle, values: last.bias)).values,
            activation: layer.activation)
          continue
        }
      }
      result.append(layer)
    }
    return result
  }
}

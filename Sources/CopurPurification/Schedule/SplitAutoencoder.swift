internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// D∘E with its first layer apart from the rest.
///
/// A gradient with respect to l is m·Wᵀ for the first layer's weights W. A step along it changes the layer's inputs l·W by
/// a multiple of m·WᵀW, and its norm is √(m·WᵀW·mᵀ): as long as steps are all that happens to l, neither l nor Wᵀ is needed.
struct SplitAutoencoder: Sendable {
  /// D.
  let width: Int
  /// The number of units of the first layer.
  let units: Int
  /// W, [D, units].
  let first: PackedMatrix
  /// Wᵀ.
  let firstBack: PackedMatrix
  /// WᵀW.
  let gram: PackedMatrix
  let bias: [Float]
  /// The first activation's slope at and under 0.
  let slope: Float
  /// All other layers.
  let rest: RowFunction

  init(_ manifold: any Manifold) {
    let width = manifold.layout.totalWidth
    let layer: DenseLayer
    if let layers = manifold.projectionLayers {
      layer = layers[0]
      rest = RowFunction(PackedNetwork(Array(layers.dropFirst())))
    } else {
      // The first layer of any function is the identity.
      var identity = Matrix(rows: width, columns: width)
      for index in 0..<width { identity[index, index] = 1 }
      layer = DenseLayer(weights: identity, bias: [Float](repeating: 0, count: width), activation: .identity)
      rest = RowFunction(projectionOf: manifold)
    }
    self.width = width
    units = layer.weights.columns
    first = PackedMatrix(layer.weights)
    firstBack = PackedMatrix(layer.weights, .transposed)
    gram = PackedMatrix(Matrix.product(layer.weights, .transposed, layer.weights))
    bias = layer.bias
    slope = layer.activation.lowerSlope
  }
}

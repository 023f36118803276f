public import CopurLearning
public import CopurNumerics

/// A low-dimensional set near which the embeddings of clean samples lie: the range of a decoder D of r-wide codes z, with
/// an encoder E.
///
/// It gives a solver what it needs, in batches; it knows nothing of missing or lying agents.
public protocol Manifold: Sendable {
  /// The blocks of an embedding.
  var layout: BlockLayout { get }
  /// r, the width of a code.
  var codeWidth: Int { get }
  /// The mean code of clean training embeddings: a start that no attacker has a hand in.
  var centralCode: [Float] { get }
  /// The mean block norm of clean training embeddings; what "small" is measured by.
  var blockScale: Float { get }

  /// E(l), [n, r].
  func encode(_ embeddings: Matrix) -> Matrix
  /// D(z), [n, D]; each row bit-equal to what it is alone.
  func decode(_ codes: Matrix) -> Matrix
  /// D(z) and its Jacobians: [n, D], and [n · r, D] whose row s · r + k is ∂D(z_s)/∂z_{s,k}.
  ///
  /// Where D is affine the Jacobian is the same everywhere, and ``affineDecoder`` says it once.
  func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix)
  /// The gradient of a function of D(E(l)) with respect to l.
  ///
  /// - Parameters:
  ///   - gradient: That with respect to D(E(l)), [n, D].
  ///   - embeddings: l, [n, D].
  func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix
  /// E and D as dense networks, through which a solver differentiates; where D is curved it has one hidden layer and an
  /// output without activation.
  var networks: (encoder: DenseNetwork, decoder: DenseNetwork) { get }
  /// The offset, D values, and the directions, [r, D], if D(z) = offset + zᵀ·directions; nil if D is curved.
  var affineDecoder: (offset: [Float], directions: Matrix)? { get }
}

extension Manifold {
  /// D(E(l)), [n, D].
  public func project(_ embeddings: Matrix) -> Matrix { decode(encode(embeddings)) }
}

/// The mean norm of all blocks of a batch.
func meanBlockNorm(_ embeddings: Matrix, layout: BlockLayout) -> Float {
  var total = 0.0
  for row in 0..<embeddings.rows {
    for block in 0..<layout.count {
      var square = 0.0
      for column in layout[block] { square += Double(embeddings[row, column] * embeddings[row, column]) }
      total += square.squareRoot()
    }
  }
  return Float(total / Double(max(1, embeddings.rows * layout.count)))
}

public import CopurLearning
public import CopurNumerics

/// A low-dimensional set near which the embeddings of clean samples lie: the range of a differentiable decoder D of r-wide
/// codes z, with an encoder E.
///
/// It gives a solver what it needs, in batches; it knows nothing of missing or lying agents. A manifold that is also an
/// ``AffineManifold`` or a ``PiecewiseAffineManifold`` has a solver of its own, which makes use of that.
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
  /// D(z), [n, D], and its vector–Jacobian product.
  ///
  /// - Returns: `pullback` takes the gradient of a function with respect to D(z), [n, D], to that with respect to z, [n, r].
  ///   Rows of either are bit-equal to what they are alone.
  func decodeWithPullback(_ codes: Matrix) -> (embeddings: Matrix, pullback: (Matrix) -> Matrix)
  /// D(z) and its Jacobians: [n, D], and [n · r, D] whose row s · r + k is ∂D(z_s)/∂z_{s,k}.
  func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix)
  /// The gradient of a function of D(E(l)) with respect to l.
  ///
  /// - Parameters:
  ///   - gradient: That with respect to D(E(l)), [n, D].
  ///   - embeddings: l, [n, D].
  func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix
}

/// A manifold whose decoder is affine: D(z) = μ + zᵀV, with the encoder E(l) = V·(l − μ).
///
/// Purification is a convex problem there, leverage constants can be computed, and on a line certificates are exact.
public protocol AffineManifold: Manifold {
  /// μ, D values.
  var offset: [Float] { get }
  /// V, [r, D].
  var directions: Matrix { get }
}

/// A manifold of dense networks with piecewise linear activations, whose decoder has one hidden layer and an output without
/// activation: D is affine on each of finitely many pieces, with kinks where they meet.
public protocol PiecewiseAffineManifold: Manifold {
  /// E, from D values to r.
  var encoder: DenseNetwork { get }
  /// D, from r values to D: two layers, the second one without activation.
  var decoder: DenseNetwork { get }
}

extension Manifold {
  /// D(E(l)), [n, D].
  public func project(_ embeddings: Matrix) -> Matrix { decode(encode(embeddings)) }

  /// Jacobians from products with the unit vectors, a row of codes at a time.
  public func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix) {
    let width = layout.totalWidth
    var embeddings = Matrix(rows: codes.rows, columns: width)
    var jacobians = Matrix(rows: codes.rows * codeWidth, columns: width)
    var units = Matrix(rows: width, columns: width)
    for column in 0..<width { units[column, column] = 1 }
    for row in 0..<codes.rows {
      let (output, pullback) = decodeWithPullback(codes.selecting(rows: repeatElement(row, count: width)))
      embeddings[row: row] = output[row: 0]
      let pulled = pullback(units)
      for column in 0..<width {
        for index in 0..<codeWidth { jacobians[row * codeWidth + index, column] = pulled[column, index] }
      }
    }
    return (embeddings, jacobians)
  }
}

extension Manifold {
  /// Refuses an encoder and a decoder from a bundle that do not lead from embeddings to codes and back.
  static func check(
    _ encoderInput: Int, _ encoderOutput: Int, _ decoderInput: Int, _ decoderOutput: Int, _ reader: PartReader
  ) throws {
    let width = reader.roster.layout.totalWidth
    guard encoderInput == width, decoderOutput == width, encoderOutput == decoderInput else {
      throw CopurError(
        .invalidData,
        "part \"\(reader.name)\" leads from embeddings of \(width) values to codes and back "
          + "(actual: \(encoderInput) → \(encoderOutput), \(decoderInput) → \(decoderOutput))")
    }
  }
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

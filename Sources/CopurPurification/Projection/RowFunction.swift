internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// A differentiable function of rows, D∘E or a part of it, as solvers evaluate it in memory of their own: dense layers by
/// ``PackedNetwork``, where nothing is allocated in between, and any other manifold by what it says of itself.
///
/// Each row of a result is the same, bit for bit, in whatever batch it is computed.
struct RowFunction: Sendable {
  private enum Form: Sendable {
    case packed(PackedNetwork)
    case projection(any Manifold)
  }

  private let form: Form
  /// The floats in a row of outputs: the width and its padding.
  let outputStride: Int
  /// The floats in a row of input gradients: the width and its padding.
  let inputStride: Int

  /// The function of a dense network.
  init(_ network: PackedNetwork) {
    form = .packed(network)
    (outputStride, inputStride) = (network.outputStride, network.inputStride)
  }

  /// D∘E of a manifold of any kind.
  init(projectionOf manifold: any Manifold) {
    form = .projection(manifold)
    (outputStride, inputStride) = (manifold.layout.totalWidth, manifold.layout.totalWidth)
  }

  /// The working memory of one thread's evaluations.
  final class Workspace {
    private enum Form {
      case packed(PackedNetwork.Workspace)
      case projection(any Manifold, outputs: AlignedFloats, gradients: AlignedFloats)
    }

    private let form: Form
    /// The inputs of the last evaluation of a projection.
    private var inputs = Matrix(rows: 0, columns: 0)

    /// - Parameter capacity: The most rows.
    init(_ function: RowFunction, capacity: Int) {
      form =
        switch function.form {
        case .packed(let network): .packed(PackedNetwork.Workspace(network, capacity: capacity))
        case .projection(let manifold):
          .projection(
            manifold, outputs: AlignedFloats(count: capacity * function.outputStride),
            gradients: AlignedFloats(count: capacity * function.inputStride))
        }
    }

    /// Evaluates the function.
    ///
    /// - Parameter input: Rows, each `stride` floats after the one before.
    /// - Returns: The outputs, `outputStride` floats a row, valid until the next call.
    func forward(_ input: UnsafePointer<Float>, stride: Int, rows: Int) -> UnsafeMutablePointer<Float> {
      switch form {
      case .packed(let workspace): return workspace.forward(input, stride: stride, rows: rows)
      case .projection(let manifold, let outputs, _):
        inputs = Self.matrix(input, stride: stride, rows: rows, columns: manifold.layout.totalWidth)
        return Self.copy(manifold.project(inputs), into: outputs)
      }
    }

    /// Propagates gradients back through the last ``forward(_:stride:rows:)``.
    ///
    /// - Parameter outputGradient: ∂ℓ/∂output, `outputStride` floats a row; its padding is 0.
    /// - Returns: ∂ℓ/∂input, `inputStride` floats a row, valid until the next call.
    func backward(_ outputGradient: UnsafePointer<Float>, rows: Int) -> UnsafeMutablePointer<Float> {
      switch form {
      case .packed(let workspace): return workspace.backward(outputGradient, rows: rows)
      case .projection(let manifold, _, let gradients):
        let width = manifold.layout.totalWidth
        let gradient = Self.matrix(outputGradient, stride: width, rows: rows, columns: width)
        return Self.copy(manifold.projectionGradient(gradient, at: inputs), into: gradients)
      }
    }

    private static func matrix(_ start: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns) { values in
        for row in 0..<rows {
          for column in 0..<columns { values[row * columns + column] = start[row * stride + column] }
        }
      }
    }

    private static func copy(_ matrix: Matrix, into floats: AlignedFloats) -> UnsafeMutablePointer<Float> {
      precondition(matrix.values.count <= floats.count)
      matrix.values.withUnsafeBufferPointer { values in
        if let first = values.baseAddress { floats.start.update(from: first, count: values.count) }
      }
      return floats.start
    }
  }
}

extension Manifold {
  /// D∘E as a chain of dense layers; nil where it is known to be none.
  var projectionLayers: [DenseLayer]? {
    switch self {
    case let manifold as any AffineManifold:
      let (offset, directions) = (manifold.offset, manifold.directions)
      let transposed = directions.transposed
      let middle = Matrix(rows: 1, columns: layout.totalWidth, values: offset)
      let shift = Matrix.product(middle, transposed).values.map { -$0 }
      return [
        DenseLayer(weights: transposed, bias: shift, activation: .identity),
        DenseLayer(weights: directions, bias: offset, activation: .identity),
      ]
    case let manifold as any PiecewiseAffineManifold: return manifold.encoder.layers + manifold.decoder.layers
    default: return nil
    }
  }
}

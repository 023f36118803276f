internal import CopurLearning
internal import CopurNumerics

/// A quadratic model of the smoothed objective around a code: its step for ``CurvedRun``.
///
/// The curvature is the generalised Gauss–Newton one, Σ_i J_i·(I − u_iu_iᵀ)·J_iᵀ/s_i with u_i = residual_i/s_i, which is
/// Newton's where the decoder is affine and positive semidefinite everywhere. For narrow codes it is computed at every
/// step. For wide ones, where that would cost a hundred evaluations, it is taken at the manifold's middle and corrected by
/// the changes of the gradient seen since (limited-memory BFGS; Nocedal and Wright 2006, algorithm 7.4), and computed anew
/// after 60 steps.
final class CurvedModel {
  private static let lifetime = 60

  private let solver: CurvedSolver
  private let size: Int
  /// The proposed step.
  private(set) var step: UnsafeMutablePointer<Double>
  private let gradient: UnsafeMutablePointer<Double>
  private let slopes: UnsafeMutablePointer<Double>
  private let factor: UnsafeMutablePointer<Double>
  /// −residual_i/s_i of each observed block: the gradient that goes back through the decoder.
  private let pull: AlignedFloats
  private let memory: CurvatureMemory
  private var jacobian: Matrix
  private var normal: Matrix
  private var wide: PackedNetwork.Workspace?
  private var age = 0
  private var usesCentralFactor = true
  /// Whether the last step had the curvature of its own code.
  private var isTrue = false
  /// Whether the decoder is to be evaluated with its derivatives.
  let wantsJacobian: Bool

  init(_ solver: CurvedSolver) {
    self.solver = solver
    size = solver.centralCode.count
    wantsJacobian = size < CurvedSolver.wideCode
    let total = 3 * size + size * size
    step = .allocate(capacity: total)
    step.initialize(repeating: 0, count: total)
    gradient = step + size
    slopes = gradient + size
    factor = slopes + size
    pull = AlignedFloats(count: solver.decoder.outputStride)
    memory = CurvatureMemory(size: size, limit: wantsJacobian ? 0 : 10)
    let rows = wantsJacobian ? 0 : size
    jacobian = Matrix(rows: rows, columns: wantsJacobian ? 0 : solver.layout.totalWidth)
    normal = Matrix(rows: rows, columns: rows)
  }

  deinit { step.deallocate() }

  /// Forgets the gradients of another objective.
  func begin() {
    memory.clear()
    age = 0
    usesCentralFactor = true
  }

  /// Takes note that the last step led nowhere: the next one is made without the gradients seen so far, then with the true
  /// curvature. False if that is what the last step had.
  func distrust() -> Bool {
    if wantsJacobian || isTrue { return false }
    if memory.isEmpty { age = Self.lifetime }
    memory.clear()
    return true
  }

  /// Sets the step at a code at which the network was just evaluated.
  ///
  /// - Returns: The decrease of the objective that the gradient promises along the step, −gᵀ·step.
  func direction(
    _ network: PackedNetwork.Workspace, code: [Double], received: UnsafePointer<Float>, observed: [Int],
    squares: [Double], smoothing: Double
  ) -> Double {
    var total = 0.0
    setPull(network, received, observed, squares, smoothing, &total)
    if wantsJacobian {
      setNarrow(network.output, observed, squares, smoothing, total)
    } else {
      let slopes = network.backward(pull.start, rows: 1)
      for index in 0..<size { gradient[index] = Double(slopes[index]) }
      memory.observe(code: code, gradient: gradient)
      isTrue = age >= Self.lifetime
      if isTrue {
        setWide(code, received, observed, squares, smoothing)
        memory.clear()
        memory.observe(code: code, gradient: gradient)
        usesCentralFactor = false
        age = 1
      }
      age += 1
      for index in 0..<size { step[index] = -gradient[index] }
      memory.apply(to: step) { vector in
        if usesCentralFactor {
          solver.centralFactor.withUnsafeBufferPointer { Cholesky.solve($0.baseAddress!, vector, size: size) }
          for index in 0..<size { vector[index] *= Double(observed.count) / total }
        } else {
          Cholesky.solve(factor, vector, size: size)
        }
      }
    }
    return -VectorSums.dot(gradient, step, count: size)
  }

  /// ∂objective/∂embedding; 0 in missing blocks and in the padding.
  private func setPull(
    _ network: PackedNetwork.Workspace, _ received: UnsafePointer<Float>, _ observed: [Int], _ squares: [Double],
    _ smoothing: Double, _ total: inout Double
  ) {
    for column in 0..<pull.count { pull.start[column] = 0 }
    for block in observed {
      let weight = 1 / (squares[block] + smoothing * smoothing).squareRoot()
      total += weight
      for column in solver.layout[block] {
        pull.start[column] = Float(weight * (Double(network.output[column]) - Double(received[column])))
      }
    }
  }

  /// The step by second derivatives at a code that the network was evaluated at with its Jacobian.
  private func setNarrow(
    _ output: UnsafePointer<Float>, _ observed: [Int], _ squares: [Double], _ smoothing: Double, _ total: Double
  ) {
    let stride = solver.decoder.outputStride
    for index in 0..<size { gradient[index] = 0 }
    for index in 0..<size * size { factor[index] = 0 }
    for block in observed {
      let weight = 1 / (squares[block] + smoothing * smoothing).squareRoot()
      let (first, count) = (solver.layout.offsets[block], solver.layout.widths[block])
      for a in 0..<size {
        let row = output + (1 + a) * stride + first
        slopes[a] = VectorSums.dot(row, pull.start + first, count: count)
        gradient[a] += slopes[a]
        for b in 0...a {
          let gram = VectorSums.dot(row, output + (1 + b) * stride + first, count: count)
          factor[a * size + b] += weight * (gram - slopes[a] * slopes[b])
        }
      }
    }
    solve()
  }

  /// The factor of the curvature for wide codes: J scaled by the square root of each block's, then one product.
  private func setWide(
    _ code: [Double], _ received: UnsafePointer<Float>, _ observed: [Int], _ squares: [Double], _ smoothing: Double
  ) {
    let workspace = wide ?? PackedNetwork.Workspace(solver.decoder, capacity: 1 + size)
    wide = workspace
    let output = workspace.forwardWithJacobian(code.map(Float.init))
    let (stride, width) = (solver.decoder.outputStride, solver.layout.totalWidth)
    for index in jacobian.values.indices { jacobian.values[index] = 0 }
    for block in observed {
      let (first, count) = (solver.layout.offsets[block], solver.layout.widths[block])
      let square = squares[block] + smoothing * smoothing
      let root = Float(1 / square.squareRoot().squareRoot())
      // (I − α·ûûᵀ)² = I − uuᵀ; α/‖u‖² stays bounded at u = 0.
      let share = squares[block] / square
      let alpha = (1 - (1 - share).squareRoot()) / max(share, 1e-300)
      for row in 0..<size {
        let source = output + (1 + row) * stride + first
        let slope = Float(alpha * VectorSums.dot(source, pull.start + first, count: count))
        for column in 0..<count {
          jacobian.values[row * width + first + column] =
            root * (source[column] - slope * pull.start[first + column])
        }
      }
    }
    normal.setProduct(jacobian, .plain, jacobian, .transposed)
    for index in 0..<size * size { factor[index] = Double(normal.values[index]) }
    regularise()
    Cholesky.factor(factor, size: size)
  }

  private func solve() {
    regularise()
    Cholesky.factor(factor, size: size)
    for index in 0..<size { step[index] = -gradient[index] }
    Cholesky.solve(factor, step, size: size)
  }

  private func regularise() {
    var trace = 0.0
    for index in 0..<size { trace += factor[index * size + index] }
    for index in 0..<size { factor[index * size + index] += 1e-7 * trace / Double(size) + 1e-30 }
  }
}

internal import CopurLearning
internal import CopurNumerics

/// A decoder with one hidden layer, D(z) = φ(z·A + b)·B + c with a leaky ReLU φ, in coordinates y that it nearly keeps
/// distances in.
///
/// With all slopes of φ at their mean, D is affine with a Jacobian J; for y = z·L with L·Lᵀ = J·Jᵀ it is an isometry. The
/// true slopes differ by a factor that is the same for all codes, so that gradients with respect to y point nearly where
/// Newton steps would, at the price of a gradient.
struct PreconditionedDecoder: Sendable {
  /// r.
  let codeWidth: Int
  /// The number of hidden units.
  let hiddenWidth: Int
  /// D.
  let outputWidth: Int
  /// φ's slope at and under 0.
  let slope: Float
  /// The hidden units' inputs by y, [r, hidden].
  let hidden: PackedMatrix
  /// Its transpose.
  let hiddenBack: PackedMatrix
  /// B, [hidden, D].
  let output: PackedMatrix
  /// Its transpose.
  let outputBack: PackedMatrix
  /// b.
  let hiddenBias: [Float]
  /// c.
  let outputBias: [Float]
  /// Row k is the gradient of hidden unit k's input with respect to y: [hidden, r].
  let normals: [Float]
  /// From codes to coordinates, [r, r].
  let coordinates: PackedMatrix
  /// L, row-major.
  private let factor: [Double]

  /// - Parameter decoder: D, one hidden layer and an output without activation.
  init(_ decoder: DenseNetwork) {
    precondition(decoder.layers.count == 2 && decoder.layers[1].activation == .identity)
    let (first, last) = (decoder.layers[0], decoder.layers[1])
    let (rank, units) = (first.weights.rows, first.weights.columns)
    codeWidth = rank
    hiddenWidth = units
    outputWidth = last.weights.columns
    slope = first.activation.lowerSlope
    var jacobian = Matrix.product(first.weights, last.weights)
    let mean = (1 + slope) / 2
    for index in jacobian.values.indices { jacobian.values[index] *= mean }
    var factor = Matrix.product(jacobian, .plain, jacobian, .transposed).values.map(Double.init)
    let trace = (0..<rank).reduce(0) { $0 + factor[$1 * rank + $1] }
    for index in 0..<rank { factor[index * rank + index] += 1e-6 * trace / Double(rank) + 1e-20 }
    factor.withUnsafeMutableBufferPointer { Cholesky.factor($0.baseAddress!, size: rank) }
    for row in 0..<rank { for column in row + 1..<max(rank, row + 1) { factor[row * rank + column] = 0 } }
    self.factor = factor
    coordinates = PackedMatrix(Matrix(rows: rank, columns: rank, values: factor.map(Float.init)))
    // z = y·L⁻¹, so the units' inputs are y·L⁻¹·A: forward substitution, all columns at once.
    var changes = first.weights.values.map(Double.init)
    for row in 0..<rank {
      for column in 0..<units {
        var sum = changes[row * units + column]
        for inner in 0..<row { sum -= factor[row * rank + inner] * changes[inner * units + column] }
        changes[row * units + column] = sum / factor[row * rank + row]
      }
    }
    let inputs = Matrix(rows: rank, columns: units, values: changes.map(Float.init))
    hidden = PackedMatrix(inputs)
    hiddenBack = PackedMatrix(inputs, .transposed)
    normals = inputs.transposed.values
    output = PackedMatrix(last.weights)
    outputBack = PackedMatrix(last.weights, .transposed)
    hiddenBias = first.bias
    outputBias = last.bias
  }

  /// Sets the code z = y·L⁻¹ of a point y.
  func setCode(_ code: UnsafeMutablePointer<Float>, of point: UnsafePointer<Float>) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: codeWidth) { sums in
      for index in 0..<codeWidth { sums[index] = Double(point[index]) }
      factor.withUnsafeBufferPointer { factor in
        for row in stride(from: codeWidth - 1, through: 0, by: -1) {
          let current = factor.baseAddress! + row * codeWidth
          sums[row] /= current[row]
          VectorKernels.add(current, scaledBy: -sums[row], to: sums.baseAddress!, count: row)
        }
      }
      for index in 0..<codeWidth { code[index] = Float(sums[index]) }
    }
  }
}

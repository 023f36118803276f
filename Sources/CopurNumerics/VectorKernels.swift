internal import CCopurKernels

/// Operations on vectors that lie in memory of the caller; sums are in double precision, and their order depends on the
/// length alone.
public enum VectorKernels {
  /// Σ (a_i − b_i)².
  public static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    copur_squared_distance(a, b, count)
  }

  /// difference ← a − b.
  ///
  /// - Returns: Σ difference_i².
  public static func difference(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into difference: UnsafeMutablePointer<Float>, count: Int
  ) -> Double {
    copur_difference(difference, a, b, count)
  }

  /// Σ a_i·b_i.
  public static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    copur_dot(a, b, count)
  }

  /// Σ a_i·b_i.
  public static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
    copur_dot_double(a, b, count)
  }

  /// The squared distances of a block from 0, from a centre within the subspace of orthonormal axes, [rank, count], each by
  /// its scale, and from that subspace.
  public static func profileMeasures(
    _ values: UnsafePointer<Float>, centre: UnsafePointer<Float>, axes: UnsafePointer<Double>,
    scales: UnsafePointer<Float>, rank: Int, count: Int
  ) -> (norm: Double, within: Double, outside: Double) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count + 3) { memory in
      let measures = memory.baseAddress! + 2 * count
      copur_profile_measures(values, centre, axes, scales, rank, count, memory.baseAddress!, measures)
      return (measures[0], measures[1], measures[2])
    }
  }

  /// y ← y + factor·x.
  public static func add(
    _ x: UnsafePointer<Double>, scaledBy factor: Double, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    copur_add_double(y, factor, x, count)
  }

  /// y ← y + factor·x.
  public static func add(
    _ x: UnsafePointer<Float>, scaledBy factor: Float, to y: UnsafeMutablePointer<Float>, count: Int
  ) {
    copur_add(y, factor, x, count)
  }

  /// y ← factor·x; x may be y.
  public static func scale(
    _ x: UnsafePointer<Float>, by factor: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    copur_scale(y, factor, x, count)
  }

  /// y ← x where x > 0, slope·x elsewhere: a leaky ReLU. x may be y.
  public static func rectify(
    _ x: UnsafePointer<Float>, slope: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    copur_rectify(y, slope, x, count)
  }

  /// y ← gradient where x > 0, slope·gradient elsewhere: back through a leaky ReLU. `gradient` may be y.
  public static func rectifyGradient(
    _ gradient: UnsafePointer<Float>, at x: UnsafePointer<Float>, slope: Float,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    copur_rectify_gradient(y, slope, x, gradient, count)
  }

  /// The numbers that all parameters have in common in a step of Adam (Kingma and Ba 2015, Algorithm 1).
  public struct AdamStep: Sendable {
    let step: copur_adam_step

    /// - Parameters:
    ///   - corrections: 1 − β₁ᵗ and 1 − β₂ᵗ in step t.
    public init(rate: Float, decays: (Float, Float), corrections: (Float, Float), epsilon: Float) {
      step = copur_adam_step(
        rate: rate, first_decay: decays.0, second_decay: decays.1, first_correction: corrections.0,
        second_correction: corrections.1, epsilon: epsilon)
    }
  }

  /// A step of Adam on parameters and their two moments, all as long as the gradient.
  public static func adam(
    _ parameters: inout [Float], mean: inout [Float], square: inout [Float], gradient: [Float], step: AdamStep
  ) {
    precondition(
      parameters.count == gradient.count && mean.count == gradient.count && square.count == gradient.count)
    copur_adam(&parameters, &mean, &square, gradient, gradient.count, step.step)
  }

  /// A step with momentum: velocity ← decay·velocity + gradient, parameters ← parameters − rate·velocity. Many parameters are
  /// divided over the cores.
  public static func momentum(
    _ parameters: inout [Float], velocity: inout [Float], gradient: [Float], decay: Float, rate: Float
  ) {
    precondition(parameters.count == gradient.count && velocity.count == gradient.count)
    parameters.withUnsafeMutableBufferPointer { parameters in
      velocity.withUnsafeMutableBufferPointer { velocity in
        gradient.withUnsafeBufferPointer { gradient in
          // A parameter is read and written several times in memory, which takes as long as tens of multiplications.
          Parallel.divide(gradient.count, multiplications: 32 * Double(gradient.count)) { part in
            guard let parameters = parameters.baseAddress, let velocity = velocity.baseAddress,
              let gradient = gradient.baseAddress
            else { return }
            copur_momentum(
              parameters + part.lowerBound, velocity + part.lowerBound, gradient + part.lowerBound, part.count, decay,
              rate)
          }
        }
      }
    }
  }

  /// Dropout in place: each value is 0 with a probability, and the others are scaled so that the mean stays.
  ///
  /// - Parameters:
  ///   - seed: What is drawn follows from it and a value's place alone.
  ///   - rate: The probability of 0, from 0 to under 1.
  /// - Returns: What each value was multiplied by.
  public static func dropout(_ values: inout [Float], seed: UInt64, rate: Float) -> [Float] {
    precondition((0..<1).contains(rate))
    return [Float](unsafeUninitializedCapacity: values.count) { factors, count in
      count = values.count
      if let factors = factors.baseAddress { copur_dropout(&values, factors, count, seed, rate) }
    }
  }

  /// Σ (x − center) and Σ (x − center)² of each column of rows that lie one after the other.
  ///
  /// - Parameter center: A value a column, near its mean, so that squares do not cancel.
  public static func columnMoments(
    _ values: [Float], columns: Int, center: [Float]
  ) -> (sums: [Double], squares: [Double]) {
    precondition(center.count == columns && values.count % columns == 0)
    var (sums, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    copur_column_moments(values, values.count / columns, columns, center, &sums, &squares)
    return (sums, squares)
  }

  /// Finds the elements of x + t·change that cross 0 at some t in (0, limit).
  ///
  /// - Parameter crossings: Room for `count`; set to each crossing's bits of t · 2³² + element, in ascending order.
  /// - Returns: How many there are.
  public static func crossings(
    of x: UnsafePointer<Float>, along change: UnsafePointer<Float>, limit: Float, count: Int,
    into crossings: UnsafeMutablePointer<UInt64>
  ) -> Int {
    copur_crossings(x, change, limit, count, crossings)
  }
}

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

internal import CCopurKernels

/// Sums over vectors that lie in memory of the caller, in double precision; their order depends on the length alone.
public enum VectorSums {
  /// Σ (a_i − b_i)².
  public static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    copur_squared_distance(a, b, count)
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
}

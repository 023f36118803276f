internal import CopurNumerics

/// The last changes of code and gradient, as limited-memory BFGS uses them (Nocedal and Wright 2006, algorithm 7.4).
final class CurvatureMemory {
  private let size: Int
  private let limit: Int
  /// Pairs s, y after each other, a ring of `limit`.
  private let pairs: UnsafeMutablePointer<Double>
  private var products: [Double]
  private var shares: [Double]
  private let lastCode: UnsafeMutablePointer<Double>
  private let lastGradient: UnsafeMutablePointer<Double>
  private var hasLast = false
  private var count = 0
  private var next = 0

  /// - Parameters:
  ///   - size: The code's width.
  ///   - limit: How many changes are kept; 0 for none.
  init(size: Int, limit: Int) {
    self.size = size
    self.limit = limit
    let total = (2 * limit + 2) * size
    pairs = .allocate(capacity: max(1, total))
    pairs.initialize(repeating: 0, count: max(1, total))
    lastCode = pairs + 2 * limit * size
    lastGradient = lastCode + size
    products = [Double](repeating: 0, count: limit)
    shares = products
  }

  deinit { pairs.deallocate() }

  /// Whether no change is kept.
  var isEmpty: Bool { count == 0 }

  func clear() {
    (count, next, hasLast) = (0, 0, false)
  }

  /// Takes note of the gradient at a code.
  func observe(code: [Double], gradient: UnsafePointer<Double>) {
    if hasLast {
      let s = pairs + 2 * next * size
      let y = s + size
      for index in 0..<size {
        s[index] = code[index] - lastCode[index]
        y[index] = gradient[index] - lastGradient[index]
      }
      let product = VectorSums.dot(s, y, count: size)
      let lengths = VectorSums.dot(s, s, count: size) * VectorSums.dot(y, y, count: size)
      // Without positive curvature along s the pair would make the model indefinite.
      if product > 1e-8 * lengths.squareRoot() {
        products[next] = product
        next = (next + 1) % limit
        count = min(count + 1, limit)
      }
    }
    for index in 0..<size {
      lastCode[index] = code[index]
      lastGradient[index] = gradient[index]
    }
    hasLast = true
  }

  /// Multiplies a vector by the inverse curvature, in place.
  ///
  /// - Parameter initial: Multiplies by the inverse curvature that there was before all changes.
  func apply(to vector: UnsafeMutablePointer<Double>, initial: (UnsafeMutablePointer<Double>) -> Void) {
    for back in stride(from: 1, through: count, by: 1) {
      let slot = (next - back + 2 * limit) % limit
      let s = pairs + 2 * slot * size
      shares[slot] = VectorSums.dot(s, vector, count: size) / products[slot]
      VectorSums.add(s + size, scaledBy: -shares[slot], to: vector, count: size)
    }
    initial(vector)
    for back in stride(from: count, to: 0, by: -1) {
      let slot = (next - back + 2 * limit) % limit
      let s = pairs + 2 * slot * size
      let share = VectorSums.dot(s + size, vector, count: size) / products[slot]
      VectorSums.add(s, scaledBy: shares[slot] - share, to: vector, count: size)
    }
  }
}

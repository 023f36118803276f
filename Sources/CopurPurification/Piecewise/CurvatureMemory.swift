internal import CopurNumerics

/// The last changes of a point and of its gradient, as limited-memory BFGS uses them (Nocedal and Wright 2006, algorithm
/// 7.4).
final class CurvatureMemory {
  /// The number of changes that are kept.
  private static let limit = 8

  private let size: Int
  /// Pairs s, y after each other, a ring.
  private let pairs: ArenaArray<Float>
  private let pairArena: Arena<Float>
  private let products: ArenaArray<Double>
  private let shares: ArenaArray<Double>
  private let arena: Arena<Double>
  private var count = 0
  private var next = 0
  /// The inverse curvature along the last change.
  private var inverse = 1.0

  /// - Parameter size: The point's width.
  init(size: Int) {
    self.size = size
    pairArena = Arena(count: 2 * Self.limit * size, repeating: 0)
    pairs = pairArena.take(2 * Self.limit * size)
    pairArena.close()
    arena = Arena(count: 2 * Self.limit, repeating: 0)
    (products, shares) = (arena.take(Self.limit), arena.take(Self.limit))
    arena.close()
  }

  /// Whether no change is kept.
  var isEmpty: Bool { count == 0 }

  func clear() { (count, next) = (0, 0) }

  /// Takes note of a step along a direction that changed the gradient.
  func observe(
    step: Float, along direction: UnsafePointer<Float>, from old: UnsafePointer<Float>,
    to new: UnsafePointer<Float>, leastCurvature: Double
  ) {
    let s = pairs.pointer(at: 2 * next * size, count: 2 * size)
    let y = s + size
    VectorKernels.scale(direction, by: step, into: s, count: size)
    _ = VectorKernels.difference(new, old, into: y, count: size)
    let product = VectorKernels.dot(s, y, count: size)
    // Without positive curvature along s the pair would make the model indefinite.
    guard product > leastCurvature * VectorKernels.dot(s, s, count: size) else { return }
    inverse = product / VectorKernels.dot(y, y, count: size)
    products[next] = product
    next = (next + 1) % Self.limit
    count = min(count + 1, Self.limit)
  }

  /// Multiplies a vector by the inverse curvature, in place.
  ///
  /// - Parameter initial: The inverse curvature to begin with where no change is kept.
  func apply(to vector: UnsafeMutablePointer<Float>, initial: Double) {
    for back in stride(from: 1, through: count, by: 1) {
      let (slot, s) = pair(back)
      shares[slot] = VectorKernels.dot(s, vector, count: size) / products[slot]
      VectorKernels.add(s + size, scaledBy: Float(-shares[slot]), to: vector, count: size)
    }
    VectorKernels.scale(vector, by: Float(count == 0 ? initial : inverse), into: vector, count: size)
    for back in stride(from: count, to: 0, by: -1) {
      let (slot, s) = pair(back)
      let share = VectorKernels.dot(s + size, vector, count: size) / products[slot]
      VectorKernels.add(s, scaledBy: Float(shares[slot] - share), to: vector, count: size)
    }
  }

  private func pair(_ back: Int) -> (slot: Int, s: UnsafeMutablePointer<Float>) {
    let slot = (next - back + 2 * Self.limit) % Self.limit
    return (slot, pairs.pointer(at: 2 * slot * size, count: 2 * size))
  }
}

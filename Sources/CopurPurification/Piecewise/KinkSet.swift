internal import CopurNumerics

/// The hidden units that a descent holds at 0, where the decoder has a kink, and the subgradient that belongs to them.
///
/// At such a point the objective has a gradient for each choice of those units' slopes, and its subdifferential (Clarke
/// 1983) holds g + Σ s_k·p_k·n_k for all s_k from the lower slope to 1; p_k is the derivative by the unit's output, n_k
/// the gradient of its input. The point is stationary if and only if that set contains 0, and minus its least element is a
/// direction of descent.
final class KinkSet {
  /// The most units that are held.
  static let limit = 24

  private let size: Int
  private let lowerSlope: Double
  private(set) var units: [Int] = []
  private let arena: Arena<Double>
  private let slopes: ArenaArray<Double>
  private let gram: ArenaArray<Double>
  private let factor: ArenaArray<Double>
  private let shares: ArenaArray<Double>

  /// - Parameters:
  ///   - size: The point's width.
  ///   - lowerSlope: The activation's slope under 0.
  init(size: Int, lowerSlope: Float) {
    self.size = size
    self.lowerSlope = Double(lowerSlope)
    let square = Self.limit * Self.limit
    arena = Arena(count: 2 * Self.limit + 2 * square, repeating: 1)
    (slopes, shares) = (arena.take(Self.limit), arena.take(Self.limit))
    (gram, factor) = (arena.take(square), arena.take(square))
    arena.close()
    units.reserveCapacity(Self.limit)
  }

  func clear() { units.removeAll(keepingCapacity: true) }

  /// Holds a further unit, whose input was just brought to 0.
  func insert(_ unit: Int) {
    slopes[units.count] = 1
    units.append(unit)
  }

  /// Turns the gradient without the held units into the subdifferential's least element, and lets go of the units whose
  /// slope is at an end: the descent moves off their kinks.
  ///
  /// - Parameters:
  ///   - gradient: g on entry, the least element on return.
  ///   - pulls: p, one a hidden unit.
  ///   - normals: n, [hidden, size].
  func settle(
    _ gradient: UnsafeMutablePointer<Float>, pulls: UnsafePointer<Float>, normals: UnsafePointer<Float>
  ) {
    let count = units.count
    guard count > 0 else { return }
    setGram(normals)
    for index in 0..<count {
      shares[index] =
        Double(pulls[units[index]]) * VectorKernels.dot(normals + units[index] * size, gradient, count: size)
    }
    minimise(pulls)
    for index in 0..<count {
      let factor = Float(slopes[index]) * pulls[units[index]]
      VectorKernels.add(normals + units[index] * size, scaledBy: factor, to: gradient, count: size)
    }
    release()
  }

  /// Coordinate descent on ½·‖g + Σ s_k·p_k·n_k‖² over the box; a few units, so sweeps cost nothing.
  private func minimise(_ pulls: UnsafePointer<Float>) {
    let count = units.count
    for _ in 0..<100 {
      var largest = 0.0
      for a in 0..<count {
        let pull = Double(pulls[units[a]])
        let curvature = pull * pull * gram[a * Self.limit + a]
        guard curvature > 0 else { continue }
        var slope = shares[a]
        for b in 0..<count { slope += pull * Double(pulls[units[b]]) * gram[a * Self.limit + b] * slopes[b] }
        let next = min(max(slopes[a] - slope / curvature, lowerSlope), 1)
        largest = max(largest, abs(next - slopes[a]) * curvature.squareRoot())
        slopes[a] = next
      }
      if largest < 1e-9 { break }
    }
  }

  private func release() {
    var kept = 0
    for index in units.indices where slopes[index] > lowerSlope + 1e-6 && slopes[index] < 1 - 1e-6 {
      (units[kept], slopes[kept]) = (units[index], slopes[index])
      kept += 1
    }
    units.removeLast(units.count - kept)
  }

  private func setGram(_ normals: UnsafePointer<Float>) {
    for a in units.indices {
      for b in 0...a {
        let product = VectorKernels.dot(normals + units[a] * size, normals + units[b] * size, count: size)
        gram[a * Self.limit + b] = product
        gram[b * Self.limit + a] = product
      }
    }
  }

  /// Takes out of a direction what would move a held unit off its kink.
  func project(_ direction: UnsafeMutablePointer<Float>, normals: UnsafePointer<Float>) {
    let count = units.count
    guard count > 0 else { return }
    setGram(normals)
    for a in 0..<count {
      for b in 0..<count { factor[a * count + b] = gram[a * Self.limit + b] }
      factor[a * count + a] *= 1 + 1e-9
      shares[a] = VectorKernels.dot(normals + units[a] * size, direction, count: size)
    }
    Cholesky.factor(factor.pointer(count: count * count), size: count)
    Cholesky.solve(factor.pointer, shares.pointer(count: count), size: count)
    for a in 0..<count {
      VectorKernels.add(normals + units[a] * size, scaledBy: Float(-shares[a]), to: direction, count: size)
    }
  }
}

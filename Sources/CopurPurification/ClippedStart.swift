internal import CopurNumerics

/// A start for solvers on manifolds that are not affine, which a corruption of any size moves by little.
enum ClippedStart {
  /// Sets an embedding to the middle of the manifold with each observed block moved towards what was received, by the mean
  /// clean block norm at most.
  ///
  /// - Parameters:
  ///   - received: h, D values.
  ///   - middle: D(z̄), D values.
  ///   - scale: The mean clean block norm.
  ///   - clipped: Room for D values.
  static func set(
    _ clipped: UnsafeMutablePointer<Float>, to received: UnsafePointer<Float>, observed: [Int], layout: BlockLayout,
    middle: [Float], scale: Double
  ) {
    middle.withUnsafeBufferPointer { middle in
      clipped.update(from: middle.baseAddress!, count: middle.count)
      for block in observed {
        let (first, count) = (layout.offsets[block], layout.widths[block])
        let target = clipped + first
        let distance = VectorKernels.difference(
          received + first, middle.baseAddress! + first, into: target, count: count
        ).squareRoot()
        let share = distance > scale ? Float(scale / distance) : 1
        VectorKernels.scale(target, by: share, into: target, count: count)
        VectorKernels.add(middle.baseAddress! + first, scaledBy: 1, to: target, count: count)
      }
    }
  }
}

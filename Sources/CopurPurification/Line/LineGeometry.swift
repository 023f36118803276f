internal import CopurCore
internal import CopurNumerics

/// A manifold of one dimension, D(z) = μ + U·z, and what blocks ask for on it.
struct LineGeometry: Sendable {
  let layout: BlockLayout
  /// μ.
  let offset: [Double]
  /// U.
  let direction: [Double]
  /// ‖U_i‖ of each agent.
  let strengths: [Double]
  /// The length that norms are smoothed by at 0.
  let smoothing: Double

  init(layout: BlockLayout, offset: [Double], direction: [Double], smoothing: Double) {
    self.layout = layout
    self.offset = offset
    self.direction = direction
    self.smoothing = smoothing
    strengths = (0..<layout.count).map { block in
      layout[block].reduce(0) { $0 + direction[$1] * direction[$1] }.squareRoot()
    }
  }

  /// The pull of an observed block.
  func pull(of block: Int, _ sample: Int, in observation: Observation) -> BlockPull {
    let columns = layout[block]
    let start = sample * layout.totalWidth
    return observation.embeddings.values.withUnsafeBufferPointer { values in
      let strength = strengths[block]
      var target = 0.0
      if strength > 0 {
        for column in columns { target += (Double(values[start + column]) - offset[column]) * direction[column] }
        target /= strength * strength
      }
      var square = smoothing * smoothing
      for column in columns {
        let rest = Double(values[start + column]) - offset[column] - target * direction[column]
        square += rest * rest
      }
      return BlockPull(strength: strength, target: target, distance: square.squareRoot())
    }
  }
}

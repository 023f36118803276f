internal import CopurCore
internal import CopurNumerics

extension Purification.Report {
  /// Measures the residuals of a purified sample.
  init(
    _ observation: Observation, sample: Int, purified: Matrix, iterations: Int, stationarity: Double, converged: Bool
  ) {
    let layout = observation.layout
    var sum = 0.0
    var residuals = [Float?](repeating: nil, count: layout.count)
    let start = sample * layout.totalWidth
    observation.embeddings.values.withUnsafeBufferPointer { received in
      purified.values.withUnsafeBufferPointer { purified in
        for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
          let first = start + layout.offsets[block]
          let norm = VectorSums.squaredDistance(
            received.baseAddress! + first, purified.baseAddress! + first, count: layout.widths[block]
          ).squareRoot()
          sum += norm
          residuals[block] = Self.representable(norm)
        }
      }
    }
    self.init(
      objective: Self.representable(sum), iterations: iterations, stationarity: Self.representable(stationarity),
      converged: converged, residuals: residuals)
  }

  /// The nearest finite Float; the largest one for NaN, too.
  static func representable(_ value: Double) -> Float {
    let limit = Double(Float.greatestFiniteMagnitude)
    return value < limit ? Float(value) : Float.greatestFiniteMagnitude
  }
}

extension Purification {
  /// Puts the middle of the manifold for samples whose numbers went out of range, and says that they are not solved.
  func withoutTheUnsolvable(middle manifold: any Manifold) -> Purification {
    var result = self
    for sample in reports.indices {
      let finite = embeddings[row: sample].allSatisfy(\.isFinite) && codes[row: sample].allSatisfy(\.isFinite)
      if finite { continue }
      let middle = Matrix([manifold.centralCode])
      result.codes[row: sample] = middle.values[...]
      result.embeddings[row: sample] = manifold.decode(middle).values[...]
      result.reports[sample].converged = false
      result.reports[sample].stationarity = .greatestFiniteMagnitude
    }
    return result
  }
}

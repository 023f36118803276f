internal import CopurCore
internal import CopurNumerics

extension Observation {
  /// The observed blocks of a sample, or why there is nothing to solve.
  func solvableBlocks(of sample: Int) -> (blocks: [Int], obstacle: Purification.Report.Status?) {
    var blocks: [Int] = []
    blocks.reserveCapacity(layout.count)
    let start = sample * layout.totalWidth
    let isFinite = embeddings.values.withUnsafeBufferPointer { values in
      var isFinite = true
      for block in 0..<layout.count where isObserved(block: block, of: sample) {
        blocks.append(block)
        let columns = layout[block]
        let block = UnsafeBufferPointer(
          rebasing: values[start + columns.lowerBound..<start + columns.upperBound])
        isFinite = isFinite && block.areFinite
      }
      return isFinite
    }
    if !isFinite { return ([], .notFinite) }
    return (blocks, blocks.isEmpty ? .unobserved : nil)
  }
}

extension Purification {
  /// The reports of solved samples. Those whose numbers went out of range get the middle of the manifold.
  ///
  /// - Parameter middle: The central code and what it decodes to.
  init(
    _ observation: Observation, codes: Matrix, embeddings: Matrix, outcomes: [SolverOutcome],
    middle: (code: [Float], embedding: [Float])
  ) {
    self.init(codes: codes, embeddings: embeddings, reports: [])
    reports.reserveCapacity(outcomes.count)
    heldUnits = outcomes.map(\.heldUnits)
    for (sample, var outcome) in outcomes.enumerated() {
      if !self.embeddings.isFinite(row: sample) || !self.codes.isFinite(row: sample) {
        self.codes[row: sample] = middle.code[...]
        self.embeddings[row: sample] = middle.embedding[...]
        outcome.status = .outOfRange
      }
      reports.append(Report(observation, sample: sample, purified: self.embeddings, outcome: outcome))
    }
  }
}

extension Purification.Report {
  /// Measures the residuals of a purified sample.
  fileprivate init(_ observation: Observation, sample: Int, purified: Matrix, outcome: SolverOutcome) {
    let layout = observation.layout
    var sum = 0.0
    var residuals = [Float?](repeating: nil, count: layout.count)
    let start = sample * layout.totalWidth
    observation.embeddings.values.withUnsafeBufferPointer { received in
      purified.values.withUnsafeBufferPointer { purified in
        for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
          let first = start + layout.offsets[block]
          let norm = VectorKernels.squaredDistance(
            received.baseAddress! + first, purified.baseAddress! + first, count: layout.widths[block]
          ).squareRoot()
          sum += norm
          residuals[block] = Self.representable(norm)
        }
      }
    }
    self.init(
      objective: Self.representable(sum), iterations: outcome.iterations,
      stationarity: Self.representable(outcome.stationarity), status: outcome.status, residuals: residuals,
      history: outcome.history)
  }

  /// The nearest finite Float; the largest one for NaN, too.
  static func representable(_ value: Double) -> Float {
    let limit = Double(Float.greatestFiniteMagnitude)
    return value < limit ? Float(value) : Float.greatestFiniteMagnitude
  }
}

extension Matrix {
  fileprivate func isFinite(row: Int) -> Bool { self[row: row].withUnsafeBufferPointer(\.areFinite) }
}

extension UnsafeBufferPointer<Float> {
  /// Whether no value is NaN or infinite: the largest exponent decides, without a branch a value.
  fileprivate var areFinite: Bool {
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7F80_0000) }
    return largest != 0x7F80_0000
  }
}

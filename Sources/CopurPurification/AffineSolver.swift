internal import CopurCore
internal import CopurNumerics

/// Iteratively reweighted least squares for Σ_{i∈Ω} ‖h_i − μ_i − V_iᵀz‖₂ over z, in double precision.
///
/// A step minimises Σ w_i ‖h_i − μ_i − V_iᵀz‖² with w_i = 1/√(‖residual_i‖² + ε²), a majoriser of the objective smoothed
/// by ε, so the smoothed objective never rises. ε falls in stages: large at first, where far-off blocks already weigh
/// little and steps are long, then down to the floor.
struct AffineSolver: Sendable {
  private let layout: BlockLayout
  private let offset: [Double]
  /// V, row-major [r, D].
  private let directions: [Double]
  /// V_i·V_iᵀ of each block, [M, r, r].
  private let grams: [Double]
  private let codeWidth: Int
  private let scale: Double
  private let settings: Purifier.Settings

  init(layout: BlockLayout, offset: [Float], directions: Matrix, scale: Float, settings: Purifier.Settings) {
    self.layout = layout
    self.offset = offset.map(Double.init)
    self.directions = directions.values.map(Double.init)
    self.scale = scale > 0 ? Double(scale) : 1
    self.settings = settings
    codeWidth = directions.rows
    var grams = [Double](repeating: 0, count: layout.count * codeWidth * codeWidth)
    for block in 0..<layout.count {
      for a in 0..<codeWidth {
        for b in 0..<codeWidth {
          var sum = 0.0
          for column in layout[block] { sum += Double(directions[a, column]) * Double(directions[b, column]) }
          grams[(block * codeWidth + a) * codeWidth + b] = sum
        }
      }
    }
    self.grams = grams
  }

  /// The working memory of one sample's iterations, reused from sample to sample.
  private struct Workspace {
    var centred: [Double]
    var correlations: [Double]
    var weights: [Double]
    var norms: [Double]
    var normal: [Double]
    var step: [Double]
    var code: [Double]

    init(layout: BlockLayout, codeWidth: Int) {
      centred = [Double](repeating: 0, count: layout.totalWidth)
      correlations = [Double](repeating: 0, count: layout.count * codeWidth)
      weights = [Double](repeating: 0, count: layout.count)
      norms = weights
      normal = [Double](repeating: 0, count: codeWidth * codeWidth)
      step = [Double](repeating: 0, count: codeWidth)
      code = step
    }
  }

  func solve(_ observation: Observation) -> (codes: Matrix, reports: [Purification.Report]) {
    var codes = Matrix(rows: observation.samples, columns: codeWidth)
    var reports: [Purification.Report] = []
    reports.reserveCapacity(observation.samples)
    var workspace = Workspace(layout: layout, codeWidth: codeWidth)
    for sample in 0..<observation.samples {
      reports.append(solve(sample, of: observation, in: &workspace))
      for index in 0..<codeWidth { codes[sample, index] = Float(workspace.code[index]) }
    }
    return (codes, reports)
  }

  private func solve(_ sample: Int, of observation: Observation, in work: inout Workspace) -> Purification.Report {
    let blocks = layout.count
    let start = sample * layout.totalWidth
    for index in 0..<codeWidth { work.code[index] = 0 }
    for block in 0..<blocks where observation.isObserved(block: block, of: sample) {
      for column in layout[block] {
        work.centred[column] = Double(observation.embeddings.values[start + column]) - offset[column]
      }
      for index in 0..<codeWidth {
        var sum = 0.0
        for column in layout[block] { sum += directions[index * layout.totalWidth + column] * work.centred[column] }
        work.correlations[block * codeWidth + index] = sum
      }
    }
    measure(sample, of: observation, in: &work)

    let floor = settings.floor * scale
    var smoothing = max(scale, floor)
    var iterations = 0
    var converged = false
    if observation.observedCount(of: sample) > 0 {
      while iterations < settings.iterationLimit {
        let moved = reweightedStep(sample, of: observation, smoothing: smoothing, in: &work)
        iterations += 1
        measure(sample, of: observation, in: &work)
        if smoothing > floor {
          // The intermediate problems need not be solved exactly.
          if moved < 1e-2 * smoothing { smoothing = max(floor, smoothing / 10) }
        } else if moved <= settings.tolerance * (scale + work.code.reduce(0) { $0 + $1 * $1 }.squareRoot()) {
          converged = true
          break
        }
      }
    }
    var residuals = [Float?](repeating: nil, count: blocks)
    var objective = 0.0
    for block in 0..<blocks where observation.isObserved(block: block, of: sample) {
      objective += work.norms[block]
      residuals[block] = finite(work.norms[block])
    }
    return Purification.Report(
      objective: finite(objective), iterations: iterations, converged: converged, residuals: residuals)
  }

  /// Sets the norm of each observed block's residual at the current code.
  private func measure(_ sample: Int, of observation: Observation, in work: inout Workspace) {
    let width = layout.totalWidth
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      var square = 0.0
      for column in layout[block] {
        var residual = work.centred[column]
        for index in 0..<codeWidth { residual -= directions[index * width + column] * work.code[index] }
        square += residual * residual
      }
      work.norms[block] = square.squareRoot()
    }
  }

  /// Solves the weighted least-squares problem at the current weights; returns how far the code moved.
  private func reweightedStep(
    _ sample: Int, of observation: Observation, smoothing: Double, in work: inout Workspace
  ) -> Double {
    for index in work.normal.indices { work.normal[index] = 0 }
    for index in 0..<codeWidth { work.step[index] = 0 }
    var total = 0.0
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      let weight = 1 / (work.norms[block] * work.norms[block] + smoothing * smoothing).squareRoot()
      total += weight
      let gram = block * codeWidth * codeWidth
      for index in 0..<codeWidth * codeWidth { work.normal[index] += weight * grams[gram + index] }
      for index in 0..<codeWidth { work.step[index] += weight * work.correlations[block * codeWidth + index] }
    }
    // Directions that no observed block shows stay at the middle; those shown are not moved noticeably.
    let ridge = 1e-12 * total
    for index in 0..<codeWidth { work.normal[index * codeWidth + index] += ridge }
    choleskySolve(&work.normal, &work.step, size: codeWidth)
    var square = 0.0
    for index in 0..<codeWidth {
      let difference = work.step[index] - work.code[index]
      square += difference * difference
      work.code[index] = work.step[index]
    }
    return square.squareRoot()
  }

  private func finite(_ value: Double) -> Float { Float(min(value, Double(Float.greatestFiniteMagnitude))) }
}

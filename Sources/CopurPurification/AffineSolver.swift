internal import CopurCore
internal import CopurNumerics

/// Minimises Σ_{i∈Ω} ‖h_i − μ_i − V_iᵀz‖₂ over z, in double precision, through the smoothed objective
/// Σ s_i, s_i = √(‖residual_i‖² + ε²), which is convex.
///
/// A Newton step is taken where it lowers the smoothed objective; else a step of reweighted least squares, which minimises
/// Σ ‖residual_i‖²/s_i at the present s_i, a majoriser, and so never raises it. ε falls in stages: large at first, where
/// far-off blocks already weigh little and steps are long, then down to the floor.
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
    var norms: [Double]
    var trialNorms: [Double]
    var slopes: [Double]
    var normal: [Double]
    var step: [Double]
    var code: [Double]
    var previous: [Double]

    init(layout: BlockLayout, codeWidth: Int) {
      centred = [Double](repeating: 0, count: layout.totalWidth)
      correlations = [Double](repeating: 0, count: layout.count * codeWidth)
      norms = [Double](repeating: 0, count: layout.count)
      trialNorms = norms
      normal = [Double](repeating: 0, count: codeWidth * codeWidth)
      step = [Double](repeating: 0, count: codeWidth)
      code = step
      previous = step
      slopes = step
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
        let moved = step(sample, of: observation, smoothing: smoothing, in: &work)
        iterations += 1
        if smoothing > floor {
          // The intermediate problems need not be solved exactly.
          if moved < 1e-1 * smoothing { smoothing = max(floor, smoothing / 10) }
        } else if moved <= settings.tolerance * (scale + length(work.code)) {
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

  /// Moves the code one step and measures there; returns how far it moved.
  private func step(
    _ sample: Int, of observation: Observation, smoothing: Double, in work: inout Workspace
  ) -> Double {
    let before = smoothedObjective(sample, of: observation, smoothing: smoothing, in: work)
    swap(&work.previous, &work.code)
    for kind in [StepKind.newton, .reweighted] {
      solve(kind, sample, of: observation, smoothing: smoothing, in: &work)
      for index in 0..<codeWidth { work.code[index] = work.previous[index] + work.step[index] }
      if kind == .newton { swap(&work.norms, &work.trialNorms) }
      measure(sample, of: observation, in: &work)
      if kind == .newton {
        // Weights of a second try are those of the old code.
        let after = smoothedObjective(sample, of: observation, smoothing: smoothing, in: work)
        if after <= before { break }
        swap(&work.norms, &work.trialNorms)
      }
    }
    return length(work.step)
  }

  private enum StepKind { case newton, reweighted }

  private func smoothedObjective(
    _ sample: Int, of observation: Observation, smoothing: Double, in work: Workspace
  ) -> Double {
    var sum = 0.0
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      sum += (work.norms[block] * work.norms[block] + smoothing * smoothing).squareRoot()
    }
    return sum
  }

  /// Sets the step from the previous code: H⁻¹ Σ g_i/s_i with g_i = V_i·residual_i, and H = Σ (V_iV_iᵀ − g_ig_iᵀ/s_i²)/s_i
  /// for Newton's or Σ V_iV_iᵀ/s_i for the reweighted one.
  private func solve(
    _ kind: StepKind, _ sample: Int, of observation: Observation, smoothing: Double, in work: inout Workspace
  ) {
    for index in work.normal.indices { work.normal[index] = 0 }
    for index in 0..<codeWidth { work.step[index] = 0 }
    var total = 0.0
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      let weight = 1 / (work.norms[block] * work.norms[block] + smoothing * smoothing).squareRoot()
      total += weight
      let gram = block * codeWidth * codeWidth
      for a in 0..<codeWidth {
        var slope = work.correlations[block * codeWidth + a]
        for b in 0..<codeWidth { slope -= grams[gram + a * codeWidth + b] * work.previous[b] }
        work.slopes[a] = slope
        work.step[a] += weight * slope
      }
      for index in 0..<codeWidth * codeWidth { work.normal[index] += weight * grams[gram + index] }
      if kind == .newton {
        let cube = weight * weight * weight
        for a in 0..<codeWidth {
          for b in 0..<codeWidth {
            work.normal[a * codeWidth + b] -= cube * work.slopes[a] * work.slopes[b]
          }
        }
      }
    }
    // Directions that no observed block shows stay at the middle; those shown are not moved noticeably.
    let ridge = 1e-12 * total
    for index in 0..<codeWidth { work.normal[index * codeWidth + index] += ridge }
    choleskySolve(&work.normal, &work.step, size: codeWidth)
  }

  private func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func finite(_ value: Double) -> Float { Float(min(value, Double(Float.greatestFiniteMagnitude))) }
}

internal import CopurCore
internal import CopurNumerics

/// One descent on Σ_{i∈Ω} s_i, s_i = √(‖h_i − D_i(z)‖² + ε²), from one start, a step at a time: ``GeneralRun`` evaluates the
/// decoder for many of them at once.
///
/// Directions are those of BFGS (Nocedal and Wright 2006, Eq. 6.17). Each stage starts from the inverse of
/// Σ J_i·J_iᵀ/s_i, the curvature of reweighted least squares with the Jacobians J_i at the point, so that neither the code's
/// scale nor how stiff a matched block is matters. Steps meet the weak Wolfe conditions by bisection, with which BFGS also
/// gets along with kinks (Lewis and Overton 2013, section 2). ε falls in stages.
final class QuasiNewtonDescent {
  private enum Phase { case coarse, fine }

  private let layout: BlockLayout
  private let settings: Purifier.Settings
  private let scale: Double
  private let size: Int

  private let floats: Arena<Float>
  private let doubles: Arena<Double>
  /// z, and where it may go; D of both.
  private var point: ArenaArray<Float>
  private var trial: ArenaArray<Float>
  private var embedding: ArenaArray<Float>
  private var trialEmbedding: ArenaArray<Float>
  private var gradient: ArenaArray<Double>
  private var trialGradient: ArenaArray<Double>
  /// ‖h_i − D_i‖² of each block.
  private var squares: ArenaArray<Double>
  private var trialSquares: ArenaArray<Double>
  private let direction: ArenaArray<Double>
  private let step: ArenaArray<Double>
  private let change: ArenaArray<Double>
  /// The inverse curvature, row-major [r, r].
  private let inverse: ArenaArray<Double>
  private let factor: ArenaArray<Double>
  private var received: UnsafePointer<Float>
  private var observed: [Int] = []

  private var phase = Phase.coarse
  private var smoothing = 1.0
  private var isRestart = true
  /// Whether no step has been taken since the curvature was measured.
  private var isFresh = false
  /// Whether the descent waits for ``setCurvature(jacobian:)``.
  private(set) var needsCurvature = false
  /// The bounds of the step's length, and the length.
  private var lower = 0.0
  private var upper = Double.infinity
  private var length = 1.0
  private var attempts = 0
  private var slopeAlong = 0.0
  private var trialChange = 0.0
  private var trialObjective = 0.0

  /// The smoothed objective at the point.
  private(set) var objective = Double.infinity
  private(set) var outcome = SolverOutcome()

  init(_ solver: GeneralSolver) {
    layout = solver.layout
    settings = solver.settings
    scale = solver.scale
    size = solver.centralCode.count
    let (width, blocks) = (layout.totalWidth, layout.count)
    floats = Arena(count: 2 * size + 2 * width, repeating: 0)
    (point, trial) = (floats.take(size), floats.take(size))
    (embedding, trialEmbedding) = (floats.take(width), floats.take(width))
    floats.close()
    doubles = Arena(count: 5 * size + 2 * size * size + 2 * blocks, repeating: 0)
    (gradient, trialGradient) = (doubles.take(size), doubles.take(size))
    (direction, step, change) = (doubles.take(size), doubles.take(size), doubles.take(size))
    (inverse, factor) = (doubles.take(size * size), doubles.take(size * size))
    (squares, trialSquares) = (doubles.take(blocks), doubles.take(blocks))
    doubles.close()
    received = UnsafePointer(embedding.pointer)
    observed.reserveCapacity(blocks)
  }

  // MARK: Phases

  /// Starts the coarse phase, after which the objective with ε = the mean clean block norm is nearly at its minimum.
  func begin(at code: ArraySlice<Float>, received: UnsafePointer<Float>, observed: [Int]) {
    for (index, value) in code.enumerated() { point[index] = value }
    self.received = received
    self.observed.replaceSubrange(self.observed.indices, with: observed)
    phase = .coarse
    smoothing = max(scale, floor)
    objective = .infinity
    outcome = SolverOutcome()
    restart()
  }

  /// Leaves the descent without a place.
  func abandon() {
    (phase, objective) = (.coarse, .infinity)
    outcome = SolverOutcome()
  }

  /// Goes on to the end.
  func refine() {
    phase = .fine
    outcome.status = .iterationLimit
    tighten()
  }

  /// Whether the descent went on to the end, and came to a place.
  var isFine: Bool { phase == .fine && objective.isFinite }

  /// z.
  var code: [Float] { (0..<size).map { point[$0] } }

  func copy(code: UnsafeMutablePointer<Float>, embedding: UnsafeMutablePointer<Float>) {
    code.update(from: point.pointer, count: size)
    embedding.update(from: self.embedding.pointer, count: layout.totalWidth)
  }

  /// The squared distance of two descents' embeddings.
  func squaredDistance(to other: QuasiNewtonDescent) -> Double {
    VectorKernels.squaredDistance(embedding.pointer, other.embedding.pointer, count: layout.totalWidth)
  }

  private var floor: Double { settings.floor * scale }

  private func tighten() {
    let next = max(floor, smoothing / 10)
    let nearest = observed.reduce(Double.infinity) { min($0, squares[$1]) }
    // Where every block is far off, ε does not matter.
    smoothing = nearest > 1e4 * next * next ? floor : next
    restart()
  }

  /// Has the point evaluated anew, for another ε.
  private func restart() { (isRestart, needsCurvature, attempts) = (true, false, 0) }

  // MARK: The stages of an evaluation

  /// Sets the code that is to be evaluated.
  func propose(into code: UnsafeMutablePointer<Float>) {
    for index in 0..<size {
      trial[index] = isRestart ? point[index] : Float(Double(point[index]) + length * direction[index])
      code[index] = trial[index]
    }
  }

  /// Takes D at the trial, and sets the objective's gradient by it.
  func measure(_ output: UnsafePointer<Float>, pull: UnsafeMutablePointer<Float>) {
    trialEmbedding.pointer.update(from: output, count: layout.totalWidth)
    for column in 0..<layout.totalWidth { pull[column] = 0 }
    (trialChange, trialObjective) = (0, 0)
    for block in observed {
      let (first, count) = (layout.offsets[block], layout.widths[block])
      let square = VectorKernels.difference(output + first, received + first, into: pull + first, count: count)
      trialSquares[block] = square
      let norm = (square + smoothing * smoothing).squareRoot()
      trialObjective += norm
      if !isRestart {
        // From the step itself: the difference of two norms would lose it behind that of a block far enough off.
        var difference = 0.0
        for column in first..<first + count {
          let moved = Double(output[column]) - Double(embedding[column])
          let sum = 2 * Double(received[column]) - Double(output[column]) - Double(embedding[column])
          difference -= moved * sum
        }
        trialChange += difference / (norm + (squares[block] + smoothing * smoothing).squareRoot())
      }
      VectorKernels.scale(pull + first, by: Float(1 / norm), into: pull + first, count: count)
    }
  }

  /// Accepts or refuses the trial and decides on the next one.
  ///
  /// - Parameter slopes: The objective's gradient by the code.
  /// - Returns: Whether the phase is over.
  func conclude(_ slopes: UnsafePointer<Float>) -> Bool {
    outcome.iterations += 1
    var isFinite = trialObjective.isFinite
    for index in 0..<size {
      trialGradient[index] = Double(slopes[index])
      isFinite = isFinite && slopes[index].isFinite
    }
    if isRestart {
      guard isFinite else {
        (outcome.status, objective) = (.outOfRange, .infinity)
        return true
      }
      takeTrial()
      (isRestart, needsCurvature) = (false, true)
      return outcome.iterations >= settings.iterationLimit
    }
    attempts += 1
    if !isFinite || trialChange > 1e-4 * length * slopeAlong + slack {
      upper = length
    } else if attempts < 40, dot(trialGradient, direction) < 0.9 * slopeAlong {
      lower = length
    } else {
      return accept()
    }
    if outcome.iterations >= settings.iterationLimit { return true }
    if attempts >= 40 || upper - lower <= 1e-10 * upper { return lower > 0 ? takeLower() : giveUp() }
    length = upper.isFinite ? (lower + upper) / 2 : 2 * length
    return false
  }

  /// Changes that Float's rounding of D can feign, where the step promises no more than that.
  private var slack: Double {
    let reference = reference
    return -length * slopeAlong <= 1e-6 * reference ? 1e-7 * reference : 0
  }

  /// The purified blocks' norms, each at least the mean clean block norm: what a decrease is measured by. Received blocks have
  /// no part in it, or one that is far off would end the descent.
  private var reference: Double {
    observed.reduce(0) { sum, block in
      let (first, count) = (layout.offsets[block], layout.widths[block])
      let values = embedding.pointer(at: first, count: count)
      return sum + max(scale, VectorKernels.dot(values, values, count: count).squareRoot())
    }
  }

  // MARK: Steps

  private func takeTrial() {
    swap(&point, &trial)
    swap(&embedding, &trialEmbedding)
    swap(&gradient, &trialGradient)
    swap(&squares, &trialSquares)
    objective = trialObjective
  }

  private func accept() -> Bool {
    takeTrial()
    // The names have changed hands: the trial's are those of the point before.
    for index in 0..<size {
      step[index] = Double(point[index]) - Double(trial[index])
      change[index] = gradient[index] - trialGradient[index]
    }
    updateCurvature()
    isFresh = false
    if settings.recordsObjective { outcome.history.append(objective) }
    return advance()
  }

  /// The step's lower bound lowers the objective, though its slope there is still steep: it is taken all the same.
  private func takeLower() -> Bool {
    (length, upper, attempts) = (lower, lower, 40)
    lower = 0
    return false
  }

  /// No step along the direction lowers the objective: the curvature is measured anew, and if that was new, this is as far
  /// as the stage goes.
  private func giveUp() -> Bool {
    if !isFresh {
      needsCurvature = true
      return false
    }
    if smoothing > floor && phase == .fine {
      tighten()
      return false
    }
    outcome.status = .stalled
    return true
  }

  /// Sets the inverse curvature from the Jacobian of D at the point, [r, D], and the first direction of a stage.
  func setCurvature(jacobian: UnsafePointer<Float>) {
    needsCurvature = false
    let width = layout.totalWidth
    factor.fill(with: 0)
    for block in observed {
      let (first, count) = (layout.offsets[block], layout.widths[block])
      let weight = 1 / (squares[block] + smoothing * smoothing).squareRoot()
      for a in 0..<size {
        let row = jacobian + a * width + first
        for b in 0...a {
          factor[a * size + b] += weight * VectorKernels.dot(row, jacobian + b * width + first, count: count)
        }
      }
    }
    let trace = (0..<size).reduce(0) { $0 + factor[$1 * size + $1] }
    // Directions that no observed block shows have no gradient either, and stay where they are.
    for index in 0..<size { factor[index * size + index] += 1e-9 * trace / Double(size) + .leastNormalMagnitude }
    Cholesky.factor(factor.pointer(count: size * size), size: size)
    inverse.fill(with: 0)
    for row in 0..<size {
      inverse[row * size + row] = 1
      Cholesky.solve(factor.pointer, inverse.pointer(at: row * size, count: size), size: size)
    }
    isFresh = true
    setDirection()
  }

  /// W ← (I − ρ·s·yᵀ)·W·(I − ρ·y·sᵀ) + ρ·s·sᵀ, ρ = 1/(yᵀs), which keeps W·y = s.
  private func updateCurvature() {
    let product = dot(step, change)
    guard product > 1e-10 * (dot(step, step) * dot(change, change)).squareRoot() else { return }
    // `direction` has served; it holds W·y.
    for row in 0..<size {
      direction[row] = VectorKernels.dot(
        inverse.pointer(at: row * size, count: size), change.pointer, count: size)
    }
    let square = (1 + dot(change, direction) / product) / product
    for a in 0..<size {
      for b in 0..<size {
        inverse[a * size + b] +=
          square * step[a] * step[b] - (direction[a] * step[b] + step[a] * direction[b]) / product
      }
    }
  }

  private func setDirection() {
    for row in 0..<size {
      direction[row] = -VectorKernels.dot(
        inverse.pointer(at: row * size, count: size), gradient.pointer, count: size)
    }
    slopeAlong = dot(direction, gradient)
    (lower, upper, length, attempts) = (0, .infinity, 1, 0)
  }

  /// Sets the next direction, or ends the stage or the phase where the step is expected to lower the objective too little.
  private func advance() -> Bool {
    setDirection()
    let predicted = -slopeAlong / 2
    outcome.stationarity = predicted / reference
    let isLast = smoothing <= floor
    if !(slopeAlong <= 0) {
      // Rounding has left no direction of descent.
      needsCurvature = true
    } else if outcome.stationarity <= (isLast ? settings.decrease : 1e-5) {
      if isLast || phase == .coarse {
        outcome.status = .converged
        return true
      }
      tighten()
    }
    return outcome.iterations >= settings.iterationLimit
  }

  private func dot(_ a: ArenaArray<Double>, _ b: ArenaArray<Double>) -> Double {
    VectorKernels.dot(a.pointer(count: size), b.pointer(count: size), count: size)
  }
}

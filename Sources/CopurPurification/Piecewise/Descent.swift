internal import CopurCore
internal import CopurNumerics

/// One descent on Σ_{i∈Ω} √(‖h_i − D_i(z)‖² + ε²) from one start, a step at a time: ``PiecewiseRun`` evaluates the decoder for
/// many of them at once.
///
/// Directions are those of limited-memory BFGS in the coordinates of ``PreconditionedDecoder``. The decoder is piecewise
/// affine, and minima like to lie where pieces meet: a step that reaches a kink beyond which the objective would rise ends
/// there, and the kink's unit is held at 0 as long as ``KinkSet`` says so. ε falls in stages.
final class Descent {
  enum Phase { case coarse, fine }

  private let decoder: PreconditionedDecoder
  private let layout: BlockLayout
  private let settings: Purifier.Settings
  private let scale: Double

  private let arena: Arena<Float>
  /// y.
  let point: ArenaArray<Float>
  /// The step's direction; 0 when the point is to be evaluated anew.
  let direction: ArenaArray<Float>
  private let gradient: ArenaArray<Float>
  /// The hidden units' inputs, and the derivatives by their outputs; at the point and at the trial.
  private var inputs: ArenaArray<Float>
  private var trialInputs: ArenaArray<Float>
  private var pulls: ArenaArray<Float>
  private var trialPulls: ArenaArray<Float>
  /// D at the point.
  let embedding: ArenaArray<Float>

  private let curvature: CurvatureMemory
  private let kinks: KinkSet
  /// The places at which hidden units' inputs change sign along the direction;
  /// ``VectorKernels/crossings(of:along:limit:count:into:)``.
  private let crossings: ArenaArray<UInt64>
  private let crossingArena: Arena<UInt64>
  private var received: UnsafePointer<Float>
  private var observed: [Int] = []

  private var phase = Phase.coarse
  private var smoothing = 1.0
  private var slopeAlong = 0.0
  private var step: Float = 0
  private var attempts = 0
  /// The unit whose kink the trial ends at.
  private var reached: Int?
  private var isRestart = true
  private var trialObjective = 0.0
  private var trialWeight = 0.0
  private var trialNearest = 0.0
  /// The mean of the blocks' 1/√(‖residual_i‖² + ε²), and the least ‖residual_i‖², at the point.
  private var weight = 1.0
  private var nearest = 0.0

  /// The smoothed objective at the point.
  private(set) var objective = Double.infinity
  private(set) var outcome = SolverOutcome()

  init(_ solver: PiecewiseSolver) {
    decoder = solver.decoder
    layout = solver.layout
    settings = solver.settings
    scale = solver.scale
    let (size, units) = (decoder.codeWidth, decoder.hiddenWidth)
    let total = 3 * size + 4 * units + decoder.outputWidth
    arena = Arena(count: total, repeating: 0)
    (point, direction, gradient) = (arena.take(size), arena.take(size), arena.take(size))
    (inputs, trialInputs) = (arena.take(units), arena.take(units))
    (pulls, trialPulls) = (arena.take(units), arena.take(units))
    embedding = arena.take(decoder.outputWidth)
    arena.close()
    crossingArena = Arena(count: units, repeating: 0)
    crossings = crossingArena.take(units)
    crossingArena.close()
    received = UnsafePointer(embedding.pointer)
    curvature = CurvatureMemory(size: size)
    kinks = KinkSet(size: size, lowerSlope: decoder.slope)
    observed.reserveCapacity(layout.count)
  }

  /// Starts the coarse phase, after which the objective with ε = the mean clean block norm is nearly at its minimum.
  func begin(
    at point: UnsafePointer<Float>, inputs: UnsafePointer<Float>, received: UnsafePointer<Float>, observed: [Int]
  ) {
    self.point.pointer(count: decoder.codeWidth).update(from: point, count: decoder.codeWidth)
    self.inputs.pointer(count: decoder.hiddenWidth).update(from: inputs, count: decoder.hiddenWidth)
    self.received = received
    self.observed.replaceSubrange(self.observed.indices, with: observed)
    phase = .coarse
    smoothing = max(scale, floor)
    objective = .infinity
    outcome = SolverOutcome()
    kinks.clear()
    restart()
  }

  /// Goes on to the end.
  func refine() {
    phase = .fine
    outcome.status = .iterationLimit
    outcome.heldUnits = []
    tighten()
  }

  /// Whether the descent went on to the end, and came to a place.
  var isFine: Bool { phase == .fine && objective.isFinite }

  private var floor: Double { settings.floor * scale }

  private func tighten() {
    let next = max(floor, smoothing / 10)
    // Where every block is far off, ε does not matter.
    smoothing = nearest > 25 * next * next ? floor : next
    restart()
  }

  private func restart() {
    curvature.clear()
    direction.fill(with: 0)
    (step, attempts, reached, isRestart) = (0, 0, nil, true)
  }

  // MARK: The stages of an evaluation

  /// Sets the hidden units' outputs at the trial point.
  ///
  /// - Parameter changes: The inputs' change along ``direction``.
  func propose(changes: UnsafePointer<Float>, into outputs: UnsafeMutablePointer<Float>) {
    if !isRestart && attempts == 0 { chooseStep(changes) }
    let trial = trialInputs.pointer(count: decoder.hiddenWidth)
    trial.update(from: inputs.pointer(count: decoder.hiddenWidth), count: decoder.hiddenWidth)
    VectorKernels.add(changes, scaledBy: step, to: trial, count: decoder.hiddenWidth)
    for unit in kinks.units { trialInputs[unit] = 0 }
    if let reached { trialInputs[reached] = 0 }
    VectorKernels.rectify(trial, slope: decoder.slope, into: outputs, count: decoder.hiddenWidth)
  }

  /// Takes the trial's objective, and sets its derivative by the embedding.
  ///
  /// - Parameter output: The decoder's output but for the bias, which is added.
  func measure(_ output: UnsafeMutablePointer<Float>, pull: UnsafeMutablePointer<Float>) {
    decoder.outputBias.withUnsafeBufferPointer {
      VectorKernels.add($0.baseAddress!, scaledBy: 1, to: output, count: decoder.outputWidth)
    }
    if observed.count < layout.count {
      for column in 0..<decoder.outputWidth { pull[column] = 0 }
    }
    (trialObjective, trialWeight, trialNearest) = (0, 0, .infinity)
    for block in observed {
      let (first, count) = (layout.offsets[block], layout.widths[block])
      let square = VectorKernels.difference(output + first, received + first, into: pull + first, count: count)
      let norm = (square + smoothing * smoothing).squareRoot()
      VectorKernels.scale(pull + first, by: Float(1 / norm), into: pull + first, count: count)
      trialObjective += norm
      trialWeight += 1 / norm
      trialNearest = min(trialNearest, square)
    }
    trialWeight /= Double(observed.count)
  }

  /// Takes the derivatives by the hidden units' outputs, and sets those by their inputs; 0 for units held.
  func backpropagate(_ outputPulls: UnsafePointer<Float>, into inputPulls: UnsafeMutablePointer<Float>) {
    trialPulls.pointer(count: decoder.hiddenWidth).update(from: outputPulls, count: decoder.hiddenWidth)
    VectorKernels.rectifyGradient(
      outputPulls, at: trialInputs.pointer(count: decoder.hiddenWidth), slope: decoder.slope, into: inputPulls,
      count: decoder.hiddenWidth)
    for unit in kinks.units { inputPulls[unit] = 0 }
    if let reached { inputPulls[reached] = 0 }
  }

  /// Accepts or refuses the trial and decides on the next one.
  ///
  /// - Parameters:
  ///   - trialGradient: The objective's gradient by the point, without the units held.
  ///   - output: What ``measure(_:pull:)`` left.
  /// - Returns: Whether the phase is over.
  func conclude(_ trialGradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>) -> Bool {
    outcome.iterations += 1
    guard isImprovement else { return refuse() }
    accept(trialGradient, output: output)
    setDirection()
    let predicted = max(-slopeAlong, squaredGradient / weight) / 2
    outcome.stationarity = predicted / max(objective, Double(observed.count) * scale)
    if settings.recordsObjective { outcome.history.append(objective) }
    let isLast = smoothing <= floor
    if isLast ? outcome.stationarity <= settings.decrease : predicted <= 1e-3 * objective {
      if isLast || phase == .coarse {
        outcome.status = .converged
        outcome.heldUnits = kinks.units
        return true
      }
      tighten()
    }
    return outcome.iterations >= settings.iterationLimit
  }

  // MARK: Steps

  private var isImprovement: Bool {
    if isRestart { return trialObjective.isFinite }
    let expected = Double(step) * slopeAlong
    // Decreases under what Float resolves cannot be seen; the gradient still can.
    let slack = -expected <= 1e-6 * objective ? 2e-7 * objective : 0
    return trialObjective <= objective + 1e-4 * expected + slack
  }

  private func accept(_ trialGradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>) {
    if let reached { kinks.insert(reached) }
    swap(&inputs, &trialInputs)
    swap(&pulls, &trialPulls)
    (objective, weight, nearest) = (trialObjective, trialWeight, trialNearest)
    let size = decoder.codeWidth
    embedding.pointer(count: decoder.outputWidth).update(from: output, count: decoder.outputWidth)
    decoder.normals.withUnsafeBufferPointer {
      kinks.settle(trialGradient, pulls: pulls.pointer(count: decoder.hiddenWidth), normals: $0.baseAddress!)
    }
    if !isRestart {
      VectorKernels.add(
        direction.pointer(count: size), scaledBy: step, to: point.pointer(count: size), count: size)
      curvature.observe(
        step: step, along: direction.pointer, from: gradient.pointer, to: trialGradient,
        leastCurvature: 1e-3 * weight)
    }
    gradient.pointer(count: size).update(from: trialGradient, count: size)
    (attempts, reached, isRestart) = (0, nil, false)
  }

  private func refuse() -> Bool {
    attempts += 1
    if isRestart {
      outcome.status = .outOfRange
      return true
    }
    if outcome.iterations >= settings.iterationLimit { return true }
    if attempts < 12 {
      step /= 2
      reached = nil
      return false
    }
    if curvature.isEmpty {
      outcome.status = .stalled
      return true
    }
    curvature.clear()
    attempts = 0
    reached = nil
    setDirection()
    return false
  }

  private var squaredGradient: Double {
    VectorKernels.dot(gradient.pointer, gradient.pointer(count: decoder.codeWidth), count: decoder.codeWidth)
  }

  /// Sets the direction from the gradient at the point.
  private func setDirection() {
    let size = decoder.codeWidth
    let (gradient, direction) = (gradient.pointer(count: size), direction.pointer(count: size))
    VectorKernels.scale(gradient, by: -1, into: direction, count: size)
    curvature.apply(to: direction, initial: 1 / weight)
    decoder.normals.withUnsafeBufferPointer { kinks.project(direction, normals: $0.baseAddress!) }
    slopeAlong = VectorKernels.dot(gradient, direction, count: size)
    let lengths = squaredGradient * VectorKernels.dot(direction, direction, count: size)
    if !(slopeAlong < -1e-6 * lengths.squareRoot()) {
      curvature.clear()
      VectorKernels.scale(gradient, by: Float(-1 / weight), into: direction, count: size)
      slopeAlong = -squaredGradient / weight
    }
  }

  /// Sets the step to where the objective along the direction is least, if its derivative grows at a constant rate that
  /// makes the full step right, and jumps at kinks.
  private func chooseStep(_ changes: UnsafePointer<Float>) {
    let count = VectorKernels.crossings(
      of: inputs.pointer(count: decoder.hiddenWidth), along: changes, limit: 1.5, count: decoder.hiddenWidth,
      into: crossings.pointer(count: decoder.hiddenWidth))
    reached = nil
    var derivative = slopeAlong
    for index in 0..<count {
      let time = Float(bitPattern: UInt32(crossings[index] >> 32))
      let unit = Int(crossings[index] & 0xFFFF_FFFF)
      if derivative - slopeAlong * Double(time) >= 0 { break }
      // Crossing a kink changes the slope of the unit's output by 1 − φ's lower slope, upwards either way.
      let jump = Double((1 - decoder.slope) * abs(changes[unit]) * pulls[unit])
      if jump > 0 && derivative + jump - slopeAlong * Double(time) >= 0 {
        step = time
        if kinks.units.count < KinkSet.limit { reached = unit }
        return
      }
      derivative += jump
    }
    step = Float(min(max(derivative / slopeAlong, 0.1), 1.5))
  }
}

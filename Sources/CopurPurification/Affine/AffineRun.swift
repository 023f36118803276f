internal import CopurCore
internal import CopurNumerics

/// One thread's iterations of the ``AffineSolver``, sample after sample in the same memory.
///
/// A Newton step is taken where it lowers the smoothed objective; else a step of reweighted least squares, which minimises
/// Σ ‖residual_i‖²/s_i at the present s_i, a majoriser, and so never raises it. ε falls in stages: large at first, where
/// far-off blocks already weigh little and steps are long, then down to the floor.
final class AffineRun {
  private enum StepKind { case newton, reweighted }

  private let solver: AffineSolver
  private let size: Int
  private let blocks: Int
  private let arena: Arena<Double>
  /// ẑ after ``solve(_:of:)``.
  private(set) var code: ArenaArray<Double>
  private var trial: ArenaArray<Double>
  private let step: ArenaArray<Double>
  private let slopes: ArenaArray<Double>
  private let normal: ArenaArray<Double>
  /// Qᵀ(h − μ) of all blocks.
  private let target: ArenaArray<Double>
  private var residual: ArenaArray<Double>
  private var trialResidual: ArenaArray<Double>
  /// ‖residual_i‖² of each block; the part that no code changes in `rests`.
  private var squares: ArenaArray<Double>
  private var trialSquares: ArenaArray<Double>
  private let rests: ArenaArray<Double>
  private let centred: ArenaArray<Double>
  private var observed: [Int] = []

  init(_ solver: AffineSolver) {
    self.solver = solver
    size = solver.codeWidth
    blocks = solver.layout.count
    let (size, blocks, reduced) = (size, blocks, solver.reducedWidth)
    let total = 4 * size + size * size + 3 * reduced + 3 * blocks + solver.layout.totalWidth
    arena = Arena(count: total, repeating: 0)
    (code, trial, step, slopes) = (arena.take(size), arena.take(size), arena.take(size), arena.take(size))
    normal = arena.take(size * size)
    (target, residual, trialResidual) = (arena.take(reduced), arena.take(reduced), arena.take(reduced))
    (squares, trialSquares, rests) = (arena.take(blocks), arena.take(blocks), arena.take(blocks))
    centred = arena.take(solver.layout.totalWidth)
    arena.close()
    observed.reserveCapacity(blocks)
  }

  func solve(_ sample: Int, of observation: Observation) -> SolverOutcome {
    var outcome = SolverOutcome()
    let (blocks, obstacle) = observation.solvableBlocks(of: sample)
    for index in 0..<size { code[index] = Double(solver.centralCode[index]) }
    if let obstacle {
      outcome.status = obstacle
      return outcome
    }
    if let line = solver.line {
      solve(blocks.map { line.pull(of: $0, sample, in: observation) }, &outcome)
      return outcome
    }
    observed = blocks
    load(sample, of: observation)
    let settings = solver.settings
    let floor = settings.floor * solver.scale
    var smoothing = max(solver.scale, floor)
    measure(code, residual, squares)
    while outcome.iterations < settings.iterationLimit {
      let moved = move(smoothing)
      outcome.iterations += 1
      outcome.stationarity = moved / (solver.scale + length(code))
      if settings.recordsObjective { outcome.history.append(objective(squares, smoothing)) }
      if smoothing > floor {
        // The intermediate problems need not be solved exactly, and where every block is far off ε does not matter.
        if moved < 1e-1 * smoothing {
          let nearest = observed.reduce(Double.infinity) { min($0, squares[$1]) }
          smoothing = nearest > 1e4 * smoothing * smoothing ? floor : max(floor, smoothing / 10)
        }
      } else if outcome.stationarity <= settings.tolerance {
        outcome.status = .converged
        break
      }
    }
    return outcome
  }

  /// Solves a sample on a line.
  private func solve(_ pulls: [BlockPull], _ outcome: inout SolverOutcome) {
    let settings = solver.settings
    let minimum = LineMinimum(
      of: pulls, start: code[0], tolerance: settings.tolerance, scale: solver.scale,
      iterationLimit: settings.iterationLimit)
    code[0] = minimum.code
    outcome.iterations = minimum.iterations
    outcome.stationarity = minimum.stationarity
    if minimum.stationarity <= settings.tolerance { outcome.status = .converged }
  }

  /// Reads the observed blocks.
  private func load(_ sample: Int, of observation: Observation) {
    let start = sample * solver.layout.totalWidth
    for block in observed {
      let (first, count) = (solver.layout.offsets[block], solver.layout.widths[block])
      for column in first..<first + count {
        centred[column] = Double(observation.embeddings.values[start + column]) - solver.offset[column]
      }
      let reduced = solver.blocks[block]
      reduced.basis.withUnsafeBufferPointer { basis in
        for row in 0..<reduced.rank {
          let unit = basis.baseAddress! + row * count
          let share = VectorKernels.dot(unit, centred.pointer(at: first, count: count), count: count)
          target[solver.reducedLayout[block] + row] = share
        }
        // In place: the columns of Q are orthonormal, so the shares do not change on the way.
        for row in 0..<reduced.rank {
          VectorKernels.add(
            basis.baseAddress! + row * count, scaledBy: -target[solver.reducedLayout[block] + row],
            to: centred.pointer(at: first, count: count), count: count)
        }
      }
      let rest = centred.pointer(at: first, count: count)
      rests[block] = VectorKernels.dot(rest, rest, count: count)
    }
  }

  /// Sets the residuals and their squared norms at a code.
  private func measure(
    _ code: ArenaArray<Double>, _ residual: ArenaArray<Double>,
    _ squares: ArenaArray<Double>
  ) {
    for block in observed {
      var square = rests[block]
      let first = solver.reducedLayout[block]
      let reduced = solver.blocks[block]
      reduced.reduced.withUnsafeBufferPointer { matrix in
        for row in 0..<reduced.rank {
          var value = target[first + row]
          for index in 0..<size { value -= matrix[row * size + index] * code[index] }
          residual[first + row] = value
          square += value * value
        }
      }
      squares[block] = square
    }
  }

  /// Moves the code one step; returns how far.
  private func move(_ smoothing: Double) -> Double {
    var (change, moved) = attempt(.newton, smoothing)
    if !(change.sum <= 0) { (change, moved) = attempt(.reweighted, smoothing) }
    // At the minimum rounding may raise the objective: the code stays.
    if !(change.sum <= 0) { return change.sum <= 1e-9 * change.size ? 0 : moved }
    swap(&code, &trial)
    swap(&residual, &trialResidual)
    swap(&squares, &trialSquares)
    return moved
  }

  /// Tries a step.
  ///
  /// - Returns: What it changes the smoothed objective by, and the sum of the absolute changes of its terms; and its length.
  private func attempt(
    _ kind: StepKind, _ smoothing: Double
  ) -> (change: (sum: Double, size: Double), moved: Double) {
    propose(kind, smoothing)
    for index in 0..<size { trial[index] = code[index] + step[index] }
    measure(trial, trialResidual, trialSquares)
    return (change(smoothing), length(step))
  }

  /// The change of each norm by the step, from the step itself: the difference of two objectives would lose it behind the
  /// norm of a block that is far enough off, and whoever sends that would end the iterations.
  private func change(_ smoothing: Double) -> (sum: Double, size: Double) {
    var change = (sum: 0.0, size: 0.0)
    for block in observed {
      var difference = 0.0
      let first = solver.reducedLayout[block]
      let reduced = solver.blocks[block]
      reduced.reduced.withUnsafeBufferPointer { matrix in
        for row in 0..<reduced.rank {
          var moved = 0.0
          for index in 0..<size { moved += matrix[row * size + index] * step[index] }
          difference -= moved * (residual[first + row] + trialResidual[first + row])
        }
      }
      let before = (squares[block] + smoothing * smoothing).squareRoot()
      let after = (trialSquares[block] + smoothing * smoothing).squareRoot()
      change.sum += difference / (before + after)
      change.size += abs(difference) / (before + after)
    }
    return change
  }

  private func objective(_ squares: ArenaArray<Double>, _ smoothing: Double) -> Double {
    var sum = 0.0
    for block in observed { sum += (squares[block] + smoothing * smoothing).squareRoot() }
    return sum
  }

  /// Sets the step H⁻¹ Σ g_i/s_i with g_i = V_i·residual_i, and H = Σ (V_iV_iᵀ − g_ig_iᵀ/s_i²)/s_i for Newton's or
  /// Σ V_iV_iᵀ/s_i for the reweighted one.
  private func propose(_ kind: StepKind, _ smoothing: Double) {
    normal.fill(with: 0)
    step.fill(with: 0)
    var total = 0.0
    for block in observed {
      let weight = 1 / (squares[block] + smoothing * smoothing).squareRoot()
      total += weight
      slopes.fill(with: 0)
      let first = solver.reducedLayout[block]
      let reduced = solver.blocks[block]
      reduced.reduced.withUnsafeBufferPointer { matrix in
        for row in 0..<reduced.rank {
          let value = residual[first + row]
          for index in 0..<size { slopes[index] += matrix[row * size + index] * value }
        }
      }
      for index in 0..<size { step[index] += weight * slopes[index] }
      solver.grams.withUnsafeBufferPointer { grams in
        let gram = grams.baseAddress! + block * size * size
        let cube = kind == .newton ? weight * weight * weight : 0
        // The lower triangle is all that the factorisation reads.
        for a in 0..<size {
          let factor = cube * slopes[a]
          for b in 0...a { normal[a * size + b] += weight * gram[a * size + b] - factor * slopes[b] }
        }
      }
    }
    // Directions that no observed block shows stay at the middle; those shown are not moved noticeably.
    let ridge = 1e-12 * total
    for index in 0..<size { normal[index * size + index] += ridge }
    Cholesky.factor(normal.pointer(count: size * size), size: size)
    Cholesky.solve(normal.pointer, step.pointer(count: size), size: size)
  }

  private func length(_ vector: ArenaArray<Double>) -> Double {
    VectorKernels.dot(vector.pointer, vector.pointer(count: size), count: size).squareRoot()
  }
}

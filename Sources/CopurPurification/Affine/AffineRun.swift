internal import CopurCore
internal import CopurNumerics

/// One thread's iterations of the ``AffineSolver``, sample after sample in the same memory.
///
/// A Newton step is taken where it lowers the smoothed objective; else a step of reweighted least squares, which minimises
/// Σ ‖residual_i‖²/s_i at the present s_i, a majoriser, and so never raises it. ε falls in stages: large at first, where
/// far-off blocks already weigh little and steps are long, then down to the floor.
final class AffineRun {
  private let solver: AffineSolver
  private let size: Int
  private let arena: Arena<Double>
  /// ẑ after ``solve(_:of:)``.
  private(set) var code: ArenaArray<Double>
  private var trial: ArenaArray<Double>
  private let step: ArenaArray<Double>
  private let normal: ArenaArray<Double>
  private var blocks: AffineBlocks
  private var current: AffineBlocks.Residuals
  private var next: AffineBlocks.Residuals

  init(_ solver: AffineSolver) {
    self.solver = solver
    size = solver.codeWidth
    let total = 3 * size + size * size + AffineBlocks.room(for: solver) + 2 * AffineBlocks.Residuals.room(for: solver)
    arena = Arena(count: total, repeating: 0)
    // First what is read a vector at a time: it has to be aligned.
    blocks = AffineBlocks(solver, in: arena)
    (current, next) = (AffineBlocks.Residuals(solver, in: arena), AffineBlocks.Residuals(solver, in: arena))
    (code, trial, step, normal) = (arena.take(size), arena.take(size), arena.take(size), arena.take(size * size))
    arena.close()
  }

  func solve(_ sample: Int, of observation: Observation) -> SolverOutcome {
    var outcome = SolverOutcome()
    let (observed, obstacle) = observation.solvableBlocks(of: sample)
    for index in 0..<size { code[index] = Double(solver.centralCode[index]) }
    if let obstacle {
      outcome.status = obstacle
      return outcome
    }
    if let line = solver.line {
      solve(observed.map { line.pull(of: $0, sample, in: observation) }, &outcome)
      return outcome
    }
    blocks.load(observed, of: sample, in: observation)
    let settings = solver.settings
    let floor = settings.floor * solver.scale
    var smoothing = max(solver.scale, floor)
    blocks.measure(code, smoothing, into: current)
    while outcome.iterations < settings.iterationLimit {
      let moved = move(smoothing)
      outcome.iterations += 1
      outcome.stationarity = moved / (solver.scale + length(code))
      if settings.recordsObjective { outcome.history.append(blocks.objective(current)) }
      if smoothing > floor {
        // The intermediate problems need not be solved exactly, and where every block is far off ε does not matter.
        if moved < 1e-1 * smoothing {
          let nearest = blocks.nearest(current)
          smoothing = nearest > 1e4 * smoothing * smoothing ? floor : max(floor, smoothing / 10)
          blocks.smoothingChanged(to: smoothing, of: current)
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

  /// Moves the code one step; returns how far.
  private func move(_ smoothing: Double) -> Double {
    var (change, moved) = attempt(.newton, smoothing)
    if !(change.sum <= 0) { (change, moved) = attempt(.reweighted, smoothing) }
    // At the minimum rounding may raise the objective: the code stays.
    if !(change.sum <= 0) { return change.sum <= 1e-9 * change.size ? 0 : moved }
    swap(&code, &trial)
    swap(&current, &next)
    return moved
  }

  /// Tries a step.
  ///
  /// - Returns: What it changes the smoothed objective by, and the sum of the absolute changes of its terms; and its length.
  private func attempt(
    _ kind: AffineBlocks.StepKind, _ smoothing: Double
  ) -> (change: (sum: Double, size: Double), moved: Double) {
    let total = blocks.normal(kind, at: current, into: normal, step)
    // Directions that no observed block shows stay at the middle; those shown are not moved noticeably.
    let ridge = 1e-12 * total
    for index in 0..<size { normal[index * size + index] += ridge }
    Cholesky.factor(normal.pointer(count: size * size), size: size)
    Cholesky.solve(normal.pointer, step.pointer(count: size), size: size)
    for index in 0..<size { trial[index] = code[index] + step[index] }
    blocks.measure(trial, smoothing, into: next)
    return (blocks.change(by: step, from: current, to: next), length(step))
  }

  private func length(_ vector: ArenaArray<Double>) -> Double {
    VectorKernels.dot(vector.pointer, vector.pointer(count: size), count: size).squareRoot()
  }
}

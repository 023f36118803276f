internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// One thread's part of ``RelaxedPurifier``: a few samples side by side, a row each, until the last has converged.
final class RelaxedRun {
  /// The number of samples that are solved at a time.
  static let group = 32

  struct Outcome {
    var solver = SolverOutcome()
    var multiplier = 0.0
  }

  /// The results of all samples; each run writes its own samples' part.
  struct Results: @unchecked Sendable {
    // Unchecked: runs have disjoint ranges of samples.
    /// l, on entry the start.
    let points: UnsafeMutablePointer<Float>
    let duals: UnsafeMutablePointer<Float>
    let outcomes: UnsafeMutablePointer<Outcome>
  }

  private let problem: RelaxedPurifier
  private let layout: BlockLayout
  private let network: RowFunction.Workspace
  /// The steps for l and for the dual variable; their product is under 1/norm².
  private let pointStep: Double
  private let dualStep: Double
  /// 2·l − the l before.
  private let ahead: AlignedFloats
  private let scratch: AlignedFloats
  private let padded: AlignedFloats
  private var norms: [Double]
  private var sorted: [Double]
  private var observed: [[Int]] = []
  private var isStopped: [Bool] = []
  private var dualChanges: [Double] = []

  init(_ problem: RelaxedPurifier, capacity: Int) {
    self.problem = problem
    layout = problem.manifold.layout
    network = RowFunction.Workspace(problem.projection, capacity: capacity)
    // Forces have length 1 where points differ by a clean block.
    pointStep = 0.3 * problem.scale / problem.norm
    dualStep = 0.99 / (pointStep * problem.norm * problem.norm)
    ahead = AlignedFloats(count: capacity * layout.totalWidth)
    scratch = AlignedFloats(count: layout.totalWidth)
    padded = AlignedFloats(count: capacity * problem.projection.outputStride)
    norms = [Double](repeating: 0, count: layout.count)
    sorted = norms
  }

  private var width: Int { layout.totalWidth }

  func solve(_ samples: Range<Int>, of observation: Observation, into results: Results) {
    let rows = samples.count
    let points = results.points + samples.lowerBound * width
    let duals = results.duals + samples.lowerBound * width
    let outcomes = results.outcomes + samples.lowerBound
    observed.removeAll(keepingCapacity: true)
    isStopped.removeAll(keepingCapacity: true)
    for (row, sample) in samples.enumerated() {
      let (blocks, obstacle) = observation.solvableBlocks(of: sample)
      observed.append(blocks)
      isStopped.append(obstacle != nil)
      if let obstacle { outcomes[row].solver.status = obstacle }
    }
    dualChanges = [Double](repeating: 0, count: rows)
    ahead.start.update(from: points, count: rows * width)
    observation.embeddings.values.withUnsafeBufferPointer { received in
      let received = received.baseAddress! + samples.lowerBound * width
      for _ in 0..<problem.settings.iterationLimit {
        guard isStopped.contains(false) else { break }
        moveDuals(duals, rows: rows, outcomes: outcomes)
        movePoints(points, received: received, rows: rows, outcomes: outcomes)
      }
    }
  }

  /// λ ← λ + σ·(D(E(l̄)) − l̄), each block cut to the length τ.
  private func moveDuals(
    _ duals: UnsafeMutablePointer<Float>, rows: Int, outcomes: UnsafeMutablePointer<Outcome>
  ) {
    let projected = network.forward(ahead.start, stride: width, rows: rows)
    let stride = problem.projection.outputStride
    for row in 0..<rows {
      let dual = duals + row * width
      if !isStopped[row] {
        _ = VectorKernels.difference(
          projected + row * stride, ahead.start + row * width, into: scratch.start, count: width)
        VectorKernels.scale(scratch.start, by: Float(dualStep), into: scratch.start, count: width)
        VectorKernels.add(dual, scaledBy: 1, to: scratch.start, count: width)
        for block in 0..<layout.count {
          let start = scratch.start + layout.offsets[block]
          norms[block] = VectorKernels.dot(start, start, count: layout.widths[block]).squareRoot()
        }
        let limit = multiplier()
        outcomes[row].multiplier = limit
        for block in 0..<layout.count where norms[block] > limit {
          let start = scratch.start + layout.offsets[block]
          VectorKernels.scale(start, by: Float(limit / norms[block]), into: start, count: layout.widths[block])
        }
        dualChanges[row] = VectorKernels.squaredDistance(scratch.start, dual, count: width).squareRoot()
        dual.update(from: scratch.start, count: width)
      }
      (padded.start + row * stride).update(from: dual, count: width)
    }
  }

  /// τ: given, or σ times the threshold θ for which Σ max(0, ‖·‖/σ − θ) = δ.
  private func multiplier() -> Double {
    guard case .bound(let bound) = problem.constraint else {
      if case .multiplier(let multiplier) = problem.constraint { return multiplier }
      return 0
    }
    for index in norms.indices { sorted[index] = norms[index] }
    sorted.sort(by: >)
    var sum = 0.0
    var threshold = 0.0
    for (index, norm) in sorted.enumerated() {
      sum += norm
      let candidate = (sum - dualStep * bound) / Double(index + 1)
      guard norm >= candidate else { break }
      threshold = candidate
    }
    return max(0, threshold)
  }

  /// l ← l − σ·Cᵀλ with C = ∂(D(E(l)) − l)/∂l, each observed block then moved towards h_i by σ at most.
  private func movePoints(
    _ points: UnsafeMutablePointer<Float>, received: UnsafePointer<Float>, rows: Int,
    outcomes: UnsafeMutablePointer<Outcome>
  ) {
    let force = network.backward(padded.start, rows: rows)
    for row in 0..<rows where !isStopped[row] {
      let (point, target) = (points + row * width, ahead.start + row * width)
      let lag = scratch.start
      let pull = force + row * problem.projection.inputStride
      VectorKernels.add(padded.start + row * problem.projection.outputStride, scaledBy: -1, to: pull, count: width)
      lag.update(from: target, count: width)
      target.update(from: point, count: width)
      VectorKernels.add(pull, scaledBy: Float(-pointStep), to: target, count: width)
      for block in observed[row] {
        let (first, count) = (layout.offsets[block], layout.widths[block])
        let goal = received + row * width + first
        let distance = VectorKernels.difference(target + first, goal, into: target + first, count: count).squareRoot()
        let share = distance > pointStep ? Float(1 - pointStep / distance) : 0
        VectorKernels.scale(target + first, by: share, into: target + first, count: count)
        VectorKernels.add(goal, scaledBy: 1, to: target + first, count: count)
      }
      // `target` is the new l; then l̄ = 2·l − the old one.
      let moved = VectorKernels.squaredDistance(target, point, count: width).squareRoot()
      let gap = VectorKernels.squaredDistance(target, lag, count: width).squareRoot()
      let blocks = Double(layout.count).squareRoot()
      let stationarity = max(
        moved / (pointStep * blocks),
        (dualChanges[row] / dualStep + problem.norm * gap) / (problem.scale * blocks))
      for column in 0..<width {
        let next = target[column]
        target[column] = 2 * next - point[column]
        point[column] = next
      }
      outcomes[row].solver.iterations += 1
      outcomes[row].solver.stationarity = stationarity
      if stationarity <= problem.settings.tolerance {
        outcomes[row].solver.status = .converged
        isStopped[row] = true
      }
    }
  }
}

internal import CopurCore
internal import CopurNumerics

/// One thread's part of the ``GeneralSolver``: the descents of a few samples side by side, so that each evaluation of the
/// decoder and each way back is one call of the manifold. Such a call makes matrices; a manifold that is to be fast has a
/// solver of its own.
final class GeneralRun {
  /// The number of codes whose Jacobians are asked for at a time: each is as large as a decoder's layer.
  private static let jacobiansAtATime = 8

  private let solver: GeneralSolver
  /// Two a sample: from the middle, and from the clipped embedding.
  private let descents: [QuasiNewtonDescent]
  /// Why a sample has no descents; nil if it has.
  private var obstacles: [Purification.Report.Status?] = []

  /// - Parameter capacity: The most samples at a time.
  init(_ solver: GeneralSolver, capacity: Int) {
    self.solver = solver
    descents = (0..<2 * capacity).map { _ in QuasiNewtonDescent(solver) }
  }

  /// Solves some samples, at most the capacity.
  func solve(_ samples: Range<Int>, of observation: Observation) {
    observation.embeddings.values.withUnsafeBufferPointer { received in
      var active = start(samples, of: observation, received: received.baseAddress!)
      descend(&active)
      for row in obstacles.indices where obstacles[row] == nil { active += continueFromCoarse(row) }
      descend(&active)
    }
  }

  private func start(
    _ samples: Range<Int>, of observation: Observation, received: UnsafePointer<Float>
  ) -> [QuasiNewtonDescent] {
    let (layout, width) = (solver.layout, solver.layout.totalWidth)
    obstacles.removeAll(keepingCapacity: true)
    var observed: [[Int]] = []
    let clipped = Matrix(rows: samples.count, columns: width) { rows in
      for (row, sample) in samples.enumerated() {
        let (blocks, obstacle) = observation.solvableBlocks(of: sample)
        observed.append(blocks)
        obstacles.append(obstacle)
        ClippedStart.set(
          rows.baseAddress! + row * width, to: received + sample * width, observed: blocks, layout: layout,
          middle: solver.middle, scale: solver.scale)
      }
    }
    let codes = solver.manifold.encode(clipped)
    var active: [QuasiNewtonDescent] = []
    for (row, sample) in samples.enumerated() where obstacles[row] == nil {
      for (start, code) in [solver.centralCode[...], codes[row: row]].enumerated() {
        let descent = descents[2 * row + start]
        guard code.allSatisfy(\.isFinite) else {
          descent.abandon()
          continue
        }
        descent.begin(at: code, received: received + sample * width, observed: observed[row])
        active.append(descent)
      }
    }
    return active
  }

  /// Steps all active descents until each has ended its phase.
  private func descend(_ active: inout [QuasiNewtonDescent]) {
    let (size, width) = (solver.centralCode.count, solver.layout.totalWidth)
    while !active.isEmpty {
      let codes = Matrix(rows: active.count, columns: size) { rows in
        for (row, descent) in active.enumerated() { descent.propose(into: rows.baseAddress! + row * size) }
      }
      let (outputs, pullback) = solver.manifold.decodeWithPullback(codes)
      let pulls = Matrix(rows: active.count, columns: width) { rows in
        outputs.values.withUnsafeBufferPointer { outputs in
          for (row, descent) in active.enumerated() {
            descent.measure(outputs.baseAddress! + row * width, pull: rows.baseAddress! + row * width)
          }
        }
      }
      let gradients = pullback(pulls)
      var kept: [QuasiNewtonDescent] = []
      var unmeasured: [QuasiNewtonDescent] = []
      for (row, descent) in active.enumerated() {
        let isOver = gradients[row: row].withUnsafeBufferPointer { descent.conclude($0.baseAddress!) }
        if isOver { continue }
        kept.append(descent)
        if descent.needsCurvature { unmeasured.append(descent) }
      }
      setCurvatures(of: unmeasured)
      active = kept
    }
  }

  /// Gives descents the Jacobians at their points.
  private func setCurvatures(of descents: [QuasiNewtonDescent]) {
    let (size, width) = (solver.centralCode.count, solver.layout.totalWidth)
    for first in stride(from: 0, to: descents.count, by: Self.jacobiansAtATime) {
      let some = descents[first..<min(first + Self.jacobiansAtATime, descents.count)]
      let codes = Matrix(some.map(\.code))
      let jacobians = solver.manifold.decodeWithJacobians(codes).jacobians
      jacobians.values.withUnsafeBufferPointer { jacobians in
        for (row, descent) in some.enumerated() {
          descent.setCurvature(jacobian: jacobians.baseAddress! + row * size * width)
        }
      }
    }
  }

  /// Takes the descents of a sample into the fine phase; two that have come to one place are one.
  private func continueFromCoarse(_ row: Int) -> [QuasiNewtonDescent] {
    let pair = descents[2 * row...2 * row + 1].filter { $0.objective.isFinite }
    var ends = Array(pair)
    if pair.count == 2, pair[0].squaredDistance(to: pair[1]) < 0.01 * solver.scale * solver.scale { ends = [pair[0]] }
    for descent in ends { descent.refine() }
    return ends
  }

  /// Sets the code and the embedding of a sample to the better of its descents' ends, or to the middle where there is none.
  func finish(
    _ row: Int, code: UnsafeMutablePointer<Float>, embedding: UnsafeMutablePointer<Float>
  ) -> SolverOutcome {
    let pair = descents[2 * row...2 * row + 1]
    guard obstacles[row] == nil, let best = pair.filter(\.isFine).min(by: { $0.objective < $1.objective }) else {
      code.update(from: solver.centralCode, count: solver.centralCode.count)
      embedding.update(from: solver.middle, count: solver.middle.count)
      var outcome = SolverOutcome()
      outcome.status = obstacles[row] ?? .outOfRange
      return outcome
    }
    var outcome = best.outcome
    outcome.iterations = pair.reduce(0) { $0 + $1.outcome.iterations }
    best.copy(code: code, embedding: embedding)
    return outcome
  }
}

internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// One thread's part of the ``PiecewiseSolver``: the descents of a few samples side by side, so that each evaluation of the
/// decoder and each way back is a product of matrices.
final class PiecewiseRun {
  /// The most samples that a batch is solved by at a time.
  static let largestGroup = 32

  /// The number of samples that are solved at a time: more make better products, fewer let every core have some.
  static func group(of samples: Int) -> Int { samples >= 4 * largestGroup ? largestGroup : min(samples, 16) }

  /// The results of all samples; each run writes its own samples' part.
  struct Results: @unchecked Sendable {
    // Unchecked: runs have disjoint ranges of samples.
    let codes: UnsafeMutablePointer<Float>
    let embeddings: UnsafeMutablePointer<Float>
    let outcomes: UnsafeMutablePointer<SolverOutcome>
  }

  private let solver: PiecewiseSolver
  private let layout: BlockLayout
  private let decoder: PreconditionedDecoder
  private let encoder: PackedNetwork.Workspace
  /// Two a sample: from the middle, and from the clipped embedding.
  private let descents: [Descent]
  private var active: [Descent] = []
  /// Why a sample has no descents; nil if it has.
  private var obstacles: [Purification.Report.Status?] = []

  private let clipped: AlignedFloats
  private let points: AlignedFloats
  private let inputs: AlignedFloats
  private let outputs: AlignedFloats
  private let pulls: AlignedFloats
  private let unitPulls: AlignedFloats
  private let unitRows: AlignedFloats
  private let gradients: AlignedFloats
  private let central: (point: AlignedFloats, inputs: AlignedFloats)

  /// - Parameter capacity: The most samples at a time.
  init(_ solver: PiecewiseSolver, capacity: Int) {
    self.solver = solver
    layout = solver.layout
    let decoder = solver.decoder
    self.decoder = decoder
    encoder = PackedNetwork.Workspace(solver.encoder, capacity: capacity)
    descents = (0..<2 * capacity).map { _ in Descent(solver) }
    active.reserveCapacity(2 * capacity)
    let rows = 2 * capacity
    clipped = AlignedFloats(count: capacity * decoder.outputWidth)
    points = AlignedFloats(count: rows * decoder.coordinates.paddedColumns)
    inputs = AlignedFloats(count: rows * decoder.hidden.paddedColumns)
    outputs = AlignedFloats(count: rows * decoder.output.paddedColumns)
    pulls = AlignedFloats(count: rows * decoder.outputWidth)
    unitPulls = AlignedFloats(count: rows * decoder.outputBack.paddedColumns)
    unitRows = AlignedFloats(count: rows * decoder.hiddenWidth)
    gradients = AlignedFloats(count: rows * decoder.hiddenBack.paddedColumns)
    central = (
      AlignedFloats(count: decoder.coordinates.paddedColumns), AlignedFloats(count: decoder.hidden.paddedColumns)
    )
    decoder.coordinates.multiply(solver.centralCode, stride: decoder.codeWidth, count: 1, into: central.point.start)
    setInputs(of: central.point.start, count: 1, into: central.inputs.start)
  }

  /// The hidden units' inputs at points that lie `coordinates.paddedColumns` apart.
  private func setInputs(
    of points: UnsafePointer<Float>, count: Int, into inputs: UnsafeMutablePointer<Float>
  ) {
    decoder.hidden.multiply(points, stride: decoder.coordinates.paddedColumns, count: count, into: inputs)
    decoder.hiddenBias.withUnsafeBufferPointer { bias in
      for row in 0..<count {
        VectorKernels.add(
          bias.baseAddress!, scaledBy: 1, to: inputs + row * decoder.hidden.paddedColumns, count: bias.count)
      }
    }
  }

  /// Solves some samples, at most the capacity.
  func solve(_ samples: Range<Int>, of observation: Observation, into results: Results) {
    observation.embeddings.values.withUnsafeBufferPointer { received in
      start(samples, of: observation, received: received.baseAddress!)
      descend()
      for row in 0..<samples.count { continueFromCoarse(row) }
      descend()
      for (row, sample) in samples.enumerated() { finish(row, sample, into: results) }
    }
  }

  // MARK: Starts

  private func start(_ samples: Range<Int>, of observation: Observation, received: UnsafePointer<Float>) {
    let width = layout.totalWidth
    var observed: [[Int]] = []
    obstacles.removeAll(keepingCapacity: true)
    for (row, sample) in samples.enumerated() {
      let (blocks, obstacle) = observation.solvableBlocks(of: sample)
      observed.append(blocks)
      obstacles.append(obstacle)
      ClippedStart.set(
        clipped.start + row * width, to: received + sample * width, observed: blocks, layout: layout,
        middle: solver.middle, scale: solver.scale)
    }
    let codes = encoder.forward(clipped.start, stride: width, rows: samples.count)
    decoder.coordinates.multiply(
      codes, stride: solver.encoder.outputStride, count: samples.count, into: points.start)
    setInputs(of: points.start, count: samples.count, into: inputs.start)
    active.removeAll(keepingCapacity: true)
    for (row, sample) in samples.enumerated() where obstacles[row] == nil {
      let (first, second) = (descents[2 * row], descents[2 * row + 1])
      let received = received + sample * width
      first.begin(at: central.point.start, inputs: central.inputs.start, received: received, observed: observed[row])
      second.begin(
        at: points.start + row * decoder.coordinates.paddedColumns,
        inputs: inputs.start + row * decoder.hidden.paddedColumns, received: received, observed: observed[row])
      active.append(first)
      active.append(second)
    }
  }

  // MARK: Descents

  /// Steps all active descents until each has ended its phase.
  private func descend() {
    while !active.isEmpty {
      evaluate()
      var kept = 0
      for (row, descent) in active.enumerated() {
        let isOver = descent.conclude(
          gradients.start + row * decoder.hiddenBack.paddedColumns,
          output: outputs.start + row * decoder.output.paddedColumns)
        if !isOver {
          active[kept] = descent
          kept += 1
        }
      }
      active.removeLast(active.count - kept)
    }
  }

  /// Evaluates the objective and its gradient at the trial of each active descent, a row each.
  private func evaluate() {
    let (rows, size, units) = (active.count, decoder.codeWidth, decoder.hiddenWidth)
    for (row, descent) in active.enumerated() {
      (points.start + row * size).update(from: descent.direction.pointer(count: size), count: size)
    }
    decoder.hidden.multiply(points.start, stride: size, count: rows, into: inputs.start)
    for (row, descent) in active.enumerated() {
      descent.propose(
        changes: inputs.start + row * decoder.hidden.paddedColumns, into: unitRows.start + row * units)
    }
    decoder.output.multiply(unitRows.start, stride: units, count: rows, into: outputs.start)
    for (row, descent) in active.enumerated() {
      descent.measure(
        outputs.start + row * decoder.output.paddedColumns, pull: pulls.start + row * decoder.outputWidth)
    }
    decoder.outputBack.multiply(pulls.start, stride: decoder.outputWidth, count: rows, into: unitPulls.start)
    for (row, descent) in active.enumerated() {
      descent.backpropagate(
        unitPulls.start + row * decoder.outputBack.paddedColumns, into: unitRows.start + row * units)
    }
    decoder.hiddenBack.multiply(unitRows.start, stride: units, count: rows, into: gradients.start)
  }

  /// Takes the descents of a sample into the fine phase; two that have come to one place are one.
  private func continueFromCoarse(_ row: Int) {
    let (first, second) = (descents[2 * row], descents[2 * row + 1])
    guard obstacles[row] == nil else { return }
    let distance = VectorKernels.squaredDistance(
      first.embedding.pointer, second.embedding.pointer(count: layout.totalWidth), count: layout.totalWidth)
    // A distance between places that do not exist is NaN or stale, and hurts nobody.
    let isSame = first.objective.isFinite && distance < 0.01 * solver.scale * solver.scale
    for descent in isSame ? [first] : [first, second] where descent.objective.isFinite {
      descent.refine()
      active.append(descent)
    }
  }

  // MARK: Results

  /// Of the places that the descents came to, the one with the lower objective on Ω; the middle where there is none.
  private func finish(_ row: Int, _ sample: Int, into results: Results) {
    let (code, embedding) = (
      results.codes + sample * decoder.codeWidth, results.embeddings + sample * decoder.outputWidth
    )
    let pair = descents[2 * row...2 * row + 1]
    if obstacles[row] == nil, let best = pair.filter(\.isFine).min(by: { $0.objective < $1.objective }) {
      results.outcomes[sample] = best.outcome
      results.outcomes[sample].iterations = pair.reduce(0) { $0 + $1.outcome.iterations }
      decoder.setCode(code, of: best.point.pointer(count: decoder.codeWidth))
      embedding.update(from: best.embedding.pointer(count: decoder.outputWidth), count: decoder.outputWidth)
    } else {
      results.outcomes[sample].status = obstacles[row] ?? .outOfRange
      code.update(from: solver.centralCode, count: decoder.codeWidth)
      embedding.update(from: solver.middle, count: decoder.outputWidth)
    }
  }
}

internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// One thread's run of the ``PaperSchedule``: a few samples side by side, a row each, until the last has stopped.
final class ScheduleRun {
  /// The number of samples that are solved at a time.
  static let group = 32

  private let settings: PaperSchedule.Settings
  private let layout: BlockLayout
  private let network: SplitAutoencoder
  private let middle: [Float]
  private let rest: RowFunction.Workspace
  /// l, [capacity, D].
  private let points: AlignedFloats
  /// The first layer's inputs, and its outputs.
  private let inputs: AlignedFloats
  private let values: AlignedFloats
  /// m, the gradient by the first layer's inputs; m·WᵀW; and all steps' sum of step · m.
  private let inputGradients: AlignedFloats
  private let inputChanges: AlignedFloats
  private let travelled: AlignedFloats
  private let outputGradients: AlignedFloats
  /// ∂objective/∂l.
  private let gradients: AlignedFloats
  /// Of each row: the observed blocks, and how far it is.
  private var observed: [[Int]] = []
  private var outcomes: [SolverOutcome] = []
  private var isStopped: [Bool] = []

  init(_ schedule: PaperSchedule, capacity: Int) {
    settings = schedule.settings
    layout = schedule.manifold.layout
    network = schedule.network
    middle = schedule.middle
    rest = RowFunction.Workspace(network.rest, capacity: capacity)
    let units = network.first.paddedColumns
    points = AlignedFloats(count: capacity * network.width)
    inputs = AlignedFloats(count: capacity * units)
    values = AlignedFloats(count: capacity * units)
    inputGradients = AlignedFloats(count: capacity * units)
    inputChanges = AlignedFloats(count: capacity * units)
    travelled = AlignedFloats(count: capacity * units)
    outputGradients = AlignedFloats(count: capacity * network.rest.outputStride)
    gradients = AlignedFloats(count: capacity * network.firstBack.paddedColumns)
  }

  private var width: Int { network.width }
  private var units: Int { network.first.paddedColumns }

  /// Runs both phases for some samples, whose rows of the results it writes.
  func solve(
    _ samples: Range<Int>, of observation: Observation, points results: UnsafeMutablePointer<Float>,
    embeddings: UnsafeMutablePointer<Float>, outcomes ends: UnsafeMutablePointer<SolverOutcome>
  ) {
    observation.embeddings.values.withUnsafeBufferPointer {
      let received = $0.baseAddress! + samples.lowerBound * width
      start(samples, of: observation, received: received)
      search(received)
      refine(received)
    }
    (results + samples.lowerBound * width).update(from: points.start, count: samples.count * width)
    let projected = project(rows: samples.count)
    for (row, sample) in samples.enumerated() {
      (embeddings + sample * width).update(from: projected + row * network.rest.outputStride, count: width)
      ends[sample] = outcomes[row]
    }
  }

  // MARK: Phases

  /// l = D(E(h)), with the middle of the manifold for what is missing.
  private func start(_ samples: Range<Int>, of observation: Observation, received: UnsafePointer<Float>) {
    observed.removeAll(keepingCapacity: true)
    outcomes.removeAll(keepingCapacity: true)
    for (row, sample) in samples.enumerated() {
      let (blocks, obstacle) = observation.solvableBlocks(of: sample)
      observed.append(blocks)
      var outcome = SolverOutcome()
      if let obstacle { outcome.status = obstacle }
      outcomes.append(outcome)
      middle.withUnsafeBufferPointer {
        (points.start + row * width).update(from: $0.baseAddress!, count: width)
      }
      for block in blocks {
        let first = row * width + layout.offsets[block]
        (points.start + first).update(from: received + first, count: layout.widths[block])
      }
    }
    movePointsToProjections()
  }

  /// Steps on the first layer's inputs; ``SplitAutoencoder`` says why that is enough.
  private func search(_ received: UnsafePointer<Float>) {
    isStopped = observed.map(\.isEmpty)
    let rows = observed.count
    for index in 0..<rows * units { travelled.start[index] = 0 }
    setInputs(rows: rows)
    for _ in 0..<settings.searchLimit {
      guard isStopped.contains(false) else { break }
      setSearchGradient(received, rows: rows)
      network.gram.multiply(inputGradients.start, stride: units, count: rows, into: inputChanges.start)
      for row in 0..<rows where !isStopped[row] {
        let (gradient, change) = (inputGradients.start + row * units, inputChanges.start + row * units)
        let square = VectorKernels.dot(gradient, change, count: units)
        guard !stops(row, gradientNorm: max(0, square).squareRoot()) else { continue }
        VectorKernels.add(change, scaledBy: -settings.searchStep, to: inputs.start + row * units, count: units)
        VectorKernels.add(gradient, scaledBy: -settings.searchStep, to: travelled.start + row * units, count: units)
      }
    }
    network.firstBack.multiply(travelled.start, stride: units, count: rows, into: gradients.start)
    for row in 0..<rows {
      VectorKernels.add(
        gradients.start + row * network.firstBack.paddedColumns, scaledBy: 1, to: points.start + row * width,
        count: width)
    }
    movePointsToProjections()
  }

  private func refine(_ received: UnsafePointer<Float>) {
    isStopped = observed.map(\.isEmpty)
    for _ in 0..<settings.refinementLimit {
      guard isStopped.contains(false) else { break }
      setRefinementGradient(received, rows: observed.count)
      for row in observed.indices where !isStopped[row] {
        let gradient = gradients.start + row * network.firstBack.paddedColumns
        let square = VectorKernels.dot(gradient, gradient, count: width)
        if stops(row, gradientNorm: square.squareRoot()) {
          outcomes[row].status = .converged
          continue
        }
        VectorKernels.add(gradient, scaledBy: -settings.refinementStep, to: points.start + row * width, count: width)
      }
    }
  }

  /// Takes note of a gradient, and whether the row stops there.
  private func stops(_ row: Int, gradientNorm: Double) -> Bool {
    outcomes[row].stationarity = gradientNorm
    isStopped[row] = gradientNorm < settings.tolerance
    if !isStopped[row] { outcomes[row].iterations += 1 }
    return isStopped[row]
  }

  // MARK: Evaluations

  /// Sets the first layer's inputs at the points.
  private func setInputs(rows: Int) {
    network.first.multiply(points.start, stride: width, count: rows, into: inputs.start)
    network.bias.withUnsafeBufferPointer { bias in
      for row in 0..<rows {
        VectorKernels.add(bias.baseAddress!, scaledBy: 1, to: inputs.start + row * units, count: bias.count)
      }
    }
  }

  /// D(E(·)) where the first layer's inputs are set.
  private func forward(rows: Int) -> UnsafeMutablePointer<Float> {
    VectorKernels.rectify(inputs.start, slope: network.slope, into: values.start, count: rows * units)
    return rest.forward(values.start, stride: units, rows: rows)
  }

  private func project(rows: Int) -> UnsafeMutablePointer<Float> {
    setInputs(rows: rows)
    return forward(rows: rows)
  }

  private func movePointsToProjections() {
    let projected = project(rows: observed.count)
    for row in observed.indices {
      (points.start + row * width).update(from: projected + row * network.rest.outputStride, count: width)
    }
  }

  /// Sets the objective's gradient by the first layer's inputs from that by D∘E's output.
  private func backward(rows: Int) {
    let gradient = rest.backward(outputGradients.start, rows: rows)
    for row in 0..<rows {
      VectorKernels.rectifyGradient(
        gradient + row * network.rest.inputStride, at: inputs.start + row * units, slope: network.slope,
        into: inputGradients.start + row * units, count: network.units)
    }
  }

  /// ∇ Σ_{i∈Ω} ‖[h − D(E(l))]_i‖₂ by the first layer's inputs.
  private func setSearchGradient(_ received: UnsafePointer<Float>, rows: Int) {
    let output = forward(rows: rows)
    for row in 0..<rows {
      let start = row * network.rest.outputStride
      for column in 0..<width { outputGradients.start[start + column] = 0 }
      for block in observed[row] {
        let first = layout.offsets[block]
        setUnit(
          output + start + first, received + row * width + first, into: outputGradients.start + start + first,
          count: layout.widths[block], factor: 1)
      }
    }
    backward(rows: rows)
  }

  /// ∇(Σ_{i∈Ω} ‖[h − l]_i‖₂ + τ Σ_i ‖[D(E(l)) − l]_i‖₂) by l.
  private func setRefinementGradient(_ received: UnsafePointer<Float>, rows: Int) {
    let output = project(rows: rows)
    let stride = network.firstBack.paddedColumns
    for row in 0..<rows {
      let start = row * network.rest.outputStride
      for block in 0..<layout.count {
        let first = layout.offsets[block]
        setUnit(
          output + start + first, points.start + row * width + first, into: outputGradients.start + start + first,
          count: layout.widths[block], factor: settings.multiplier)
      }
    }
    backward(rows: rows)
    network.firstBack.multiply(inputGradients.start, stride: units, count: rows, into: gradients.start)
    for row in 0..<rows {
      let gradient = gradients.start + row * stride
      VectorKernels.add(
        outputGradients.start + row * network.rest.outputStride, scaledBy: -1, to: gradient, count: width)
      for block in observed[row] {
        let (first, count) = (layout.offsets[block], layout.widths[block])
        // The output's row has served.
        let unit = output + row * network.rest.outputStride + first
        setUnit(
          points.start + row * width + first, received + row * width + first, into: unit, count: count, factor: 1)
        VectorKernels.add(unit, scaledBy: 1, to: gradient + first, count: count)
      }
    }
  }

  /// Sets factor · (a − b)/‖a − b‖, smoothed at 0.
  private func setUnit(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into unit: UnsafeMutablePointer<Float>, count: Int,
    factor: Float
  ) {
    let square = VectorKernels.difference(a, b, into: unit, count: count)
    let share = Float(Double(factor) / (square + settings.smoothing).squareRoot())
    VectorKernels.scale(unit, by: share, into: unit, count: count)
  }

  // MARK: For comparison with finite differences

  func searchGradient(at point: [Float], of observation: Observation) -> [Float] {
    gradient(at: point, of: observation) { received in
      setInputs(rows: 1)
      setSearchGradient(received, rows: 1)
      network.firstBack.multiply(inputGradients.start, stride: units, count: 1, into: gradients.start)
    }
  }

  func refinementGradient(at point: [Float], of observation: Observation) -> [Float] {
    gradient(at: point, of: observation) { setRefinementGradient($0, rows: 1) }
  }

  private func gradient(
    at point: [Float], of observation: Observation, _ body: (UnsafePointer<Float>) -> Void
  ) -> [Float] {
    observed = [observation.solvableBlocks(of: 0).blocks]
    points.start.update(from: point, count: width)
    observation.embeddings.values.withUnsafeBufferPointer { body($0.baseAddress!) }
    return Array(UnsafeBufferPointer(start: gradients.start, count: width))
  }
}

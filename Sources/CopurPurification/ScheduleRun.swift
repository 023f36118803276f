internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// One thread's run of the ``PaperSchedule``: a few samples side by side, those that have stopped taken out.
final class ScheduleRun {
  struct Outcome {
    var iterations = 0
    var gradientNorm = Double.infinity
    var converged = false
  }

  enum Phase { case search, refinement }

  private let schedule: PaperSchedule
  private let layout: BlockLayout
  private let network: PackedNetwork.Workspace
  /// l, [capacity, D]; row r is sample `active[r]`.
  private let points: AlignedFloats
  private let outputGradient: AlignedFloats
  /// The part of the gradient that does not go through the network.
  private let directGradient: AlignedFloats
  private var active: [Int] = []

  init(_ schedule: PaperSchedule, capacity: Int) {
    self.schedule = schedule
    layout = schedule.manifold.layout
    network = PackedNetwork.Workspace(schedule.autoencoder, capacity: capacity)
    points = AlignedFloats(count: capacity * layout.totalWidth)
    outputGradient = AlignedFloats(count: capacity * schedule.autoencoder.outputStride)
    directGradient = AlignedFloats(count: capacity * layout.totalWidth)
  }

  private var width: Int { layout.totalWidth }
  private var stride: Int { schedule.autoencoder.outputStride }

  /// Runs both phases for some samples, whose rows of the outputs it writes.
  func solve(
    _ samples: Range<Int>, of observation: Observation, points results: UnsafeMutablePointer<Float>,
    embeddings: UnsafeMutablePointer<Float>, outcomes: UnsafeMutablePointer<Outcome>
  ) {
    start(samples, of: observation)
    run(.search, of: observation, results: results, outcomes: outcomes)
    load(samples, from: results)
    projectPoints()
    run(.refinement, of: observation, results: results, outcomes: outcomes)
    load(samples, from: results)
    projectPoints()
    for (row, sample) in samples.enumerated() {
      (embeddings + sample * width).update(from: points.start + row * width, count: width)
    }
  }

  /// l = D(E(h)), the middle of the manifold for what is missing.
  private func start(_ samples: Range<Int>, of observation: Observation) {
    active = Array(samples)
    for (row, sample) in samples.enumerated() {
      for block in 0..<layout.count {
        let observed = observation.isObserved(block: block, of: sample)
        for column in layout[block] {
          points.start[row * width + column] =
            observed ? observation.embeddings[sample, column] : schedule.middle[column]
        }
      }
    }
    projectPoints()
  }

  private func load(_ samples: Range<Int>, from results: UnsafeMutablePointer<Float>) {
    active = Array(samples)
    points.start.update(from: results + samples.lowerBound * width, count: samples.count * width)
  }

  /// l ← D(E(l)).
  private func projectPoints() {
    let output = network.forward(points.start, stride: width, rows: active.count)
    for row in active.indices {
      (points.start + row * width).update(from: output + row * stride, count: width)
    }
  }

  private func run(
    _ phase: Phase, of observation: Observation, results: UnsafeMutablePointer<Float>,
    outcomes: UnsafeMutablePointer<Outcome>
  ) {
    let settings = schedule.settings
    let limit = phase == .search ? settings.searchLimit : settings.refinementLimit
    let step = phase == .search ? settings.searchStep : settings.refinementStep
    // A sample of which nothing is observed stays where it is.
    retire(into: results) { observation.observedCount(of: active[$0]) == 0 }
    for _ in 0..<limit {
      if active.isEmpty { return }
      let gradient = gradient(phase, of: observation)
      var stopped = false
      for (row, sample) in active.enumerated() {
        let slope = gradient + row * schedule.autoencoder.inputStride
        let norm = VectorSums.dot(slope, slope, count: width).squareRoot()
        outcomes[sample].gradientNorm = norm
        if norm < settings.tolerance {
          outcomes[sample].converged = phase == .refinement
          stopped = true
          continue
        }
        outcomes[sample].iterations += 1
        let point = points.start + row * width
        for column in 0..<width { point[column] -= step * slope[column] }
      }
      if stopped { retire(into: results) { outcomes[active[$0]].gradientNorm < settings.tolerance } }
    }
    retire(into: results) { _ in true }
  }

  /// Writes the points of rows that are done, and closes the gaps that they leave.
  private func retire(into results: UnsafeMutablePointer<Float>, where isDone: (Int) -> Bool) {
    var kept = 0
    for row in active.indices {
      let source = points.start + row * width
      if isDone(row) {
        (results + active[row] * width).update(from: source, count: width)
      } else {
        if kept != row { (points.start + kept * width).update(from: source, count: width) }
        active[kept] = active[row]
        kept += 1
      }
    }
    active.removeLast(active.count - kept)
  }

  /// The gradient of a phase's objective at the active points, `inputStride` floats a row.
  private func gradient(_ phase: Phase, of observation: Observation) -> UnsafeMutablePointer<Float> {
    let output = network.forward(points.start, stride: width, rows: active.count)
    for (row, sample) in active.enumerated() {
      let point = points.start + row * width
      let projected = output + row * stride
      let through = outputGradient.start + row * stride
      let direct = directGradient.start + row * width
      observation.embeddings.values.withUnsafeBufferPointer { received in
        let received = received.baseAddress! + sample * width
        for block in 0..<layout.count {
          let (first, count) = (layout.offsets[block], layout.widths[block])
          let observed = observation.isObserved(block: block, of: sample)
          switch phase {
          case .search:
            let factor = observed ? inverseNorm(projected + first, received + first, count) : 0
            for column in first..<first + count {
              through[column] = observed ? factor * (projected[column] - received[column]) : 0
            }
          case .refinement:
            let gap = schedule.settings.multiplier * inverseNorm(projected + first, point + first, count)
            let factor = observed ? inverseNorm(point + first, received + first, count) : 0
            for column in first..<first + count {
              let pull = gap * (projected[column] - point[column])
              through[column] = pull
              direct[column] = (observed ? factor * (point[column] - received[column]) : 0) - pull
            }
          }
        }
      }
    }
    let gradient = network.backward(outputGradient.start, rows: active.count)
    if phase == .refinement {
      for row in active.indices {
        let total = gradient + row * schedule.autoencoder.inputStride
        let direct = directGradient.start + row * width
        for column in 0..<width { total[column] += direct[column] }
      }
    }
    return gradient
  }

  private func inverseNorm(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    Float(1 / (VectorSums.squaredDistance(a, b, count: count) + schedule.settings.smoothing).squareRoot())
  }

  /// A phase's gradient at a point, for comparison with finite differences.
  func gradient(_ phase: Phase, at point: [Float], of observation: Observation) -> [Float] {
    active = [0]
    points.start.update(from: point, count: width)
    return Array(UnsafeBufferPointer(start: gradient(phase, of: observation), count: width))
  }
}

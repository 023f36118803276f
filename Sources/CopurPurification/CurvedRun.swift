internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// One thread's iterations of the ``CurvedSolver``, sample after sample in the same memory.
///
/// The smoothed objective Σ √(‖residual_i‖² + ε²) falls at every step: a direction from ``CurvedModel``, then halved until
/// it does. ε falls in stages as in ``AffineRun``.
final class CurvedRun {
  private let solver: CurvedSolver
  private let size: Int
  private let network: PackedNetwork.Workspace
  private let encoder: PackedNetwork.Workspace
  private let model: CurvedModel
  private var code: [Double]
  private var trial: [Double]
  private var trialFloats: [Float]
  private var clipped: [Float]
  private let received: AlignedFloats
  private var squares: [Double]
  private var observed: [Int] = []

  init(_ solver: CurvedSolver) {
    self.solver = solver
    size = solver.centralCode.count
    network = PackedNetwork.Workspace(solver.decoder, capacity: 1 + size)
    encoder = PackedNetwork.Workspace(solver.encoder, capacity: 1)
    model = CurvedModel(solver)
    code = [Double](repeating: 0, count: size)
    trial = code
    trialFloats = [Float](repeating: 0, count: size)
    clipped = [Float](repeating: 0, count: solver.layout.totalWidth)
    received = AlignedFloats(count: solver.layout.totalWidth)
    squares = [Double](repeating: 0, count: solver.layout.count)
  }

  /// Solves a sample and writes its code and embedding.
  func solve(
    _ sample: Int, of observation: Observation, code result: UnsafeMutablePointer<Float>,
    embedding: UnsafeMutablePointer<Float>
  ) -> AffineRun.Outcome {
    load(sample, of: observation)
    var best = AffineRun.Outcome()
    var lowest = Double.infinity
    var bestCode = solver.centralCode.map(Double.init)
    if !observed.isEmpty {
      var coarse: [[Double]] = []
      for start in [bestCode, clippedCode()] where start.allSatisfy(\.isFinite) {
        code = start
        var outcome = AffineRun.Outcome()
        descend(to: solver.scale, &outcome)
        best.iterations += outcome.iterations
        // Starts that the first stage has led to one place have one result.
        if !coarse.contains(where: { isClose($0, code) }) { coarse.append(code) }
      }
      for start in coarse {
        code = start
        var outcome = AffineRun.Outcome()
        descend(to: solver.settings.floor * solver.scale, &outcome)
        let objective = evaluate(code, smoothing: 0)
        outcome.iterations += best.iterations
        best.iterations = outcome.iterations
        if objective < lowest {
          lowest = objective
          best = outcome
          bestCode = code
        }
      }
    }
    _ = evaluate(bestCode, smoothing: 0)
    for index in 0..<size { result[index] = Float(bestCode[index]) }
    embedding.update(from: network.output, count: solver.layout.totalWidth)
    return best
  }

  private func load(_ sample: Int, of observation: Observation) {
    observed.removeAll(keepingCapacity: true)
    for block in 0..<solver.layout.count where observation.isObserved(block: block, of: sample) {
      observed.append(block)
      for column in solver.layout[block] { received.start[column] = observation.embeddings[sample, column] }
    }
  }

  /// The code of the middle of the manifold with each observed block moved towards what was received, by the mean clean
  /// block norm at most.
  private func clippedCode() -> [Double] {
    for column in clipped.indices { clipped[column] = solver.middle[column] }
    for block in observed {
      let first = solver.layout.offsets[block]
      let distance = solver.middle.withUnsafeBufferPointer {
        VectorSums.squaredDistance(
          received.start + first, $0.baseAddress! + first, count: solver.layout.widths[block])
      }.squareRoot()
      let share = distance > solver.scale ? solver.scale / distance : 1
      for column in solver.layout[block] {
        let middle = Double(solver.middle[column])
        clipped[column] = Float(middle + share * (Double(received.start[column]) - middle))
      }
    }
    let output = encoder.forward(clipped, stride: clipped.count, rows: 1)
    return (0..<size).map { Double(output[$0]) }
  }

  private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
    var (square, length) = (0.0, 0.0)
    for index in 0..<size {
      square += (a[index] - b[index]) * (a[index] - b[index])
      length += a[index] * a[index]
    }
    return square <= 1e-4 * (1 + length)
  }

  /// Descends from `code` to a stationary point of the objective with ε at `floor`, in stages.
  private func descend(to floor: Double, _ outcome: inout AffineRun.Outcome) {
    let settings = solver.settings
    var smoothing = max(solver.scale, floor)
    var objective = evaluate(code, smoothing: smoothing)
    model.begin()
    var flat = 0
    while outcome.iterations < settings.iterationLimit {
      let expected = model.direction(
        network, code: code, received: received.start, observed: observed, squares: squares, smoothing: smoothing)
      guard expected.isFinite else { return }
      let (accepted, moved, after) = search(expected, from: objective, smoothing: smoothing)
      outcome.iterations += 1
      var size = 1.0
      for index in 0..<self.size { size += code[index] * code[index] }
      outcome.stationarity = moved / size.squareRoot()
      // In single precision the objective stops falling at a relative 1e-7: no further descent is a minimum, too.
      flat = accepted && objective - after <= 1e-7 * objective ? flat + 1 : 0
      let still =
        outcome.stationarity <= settings.tolerance || expected <= 1e-8 * objective || flat == 3
        || !accepted && expected <= 1e-6 * objective
      if accepted { objective = after }
      if settings.recordsObjective { outcome.history.append(objective) }
      if smoothing > floor {
        guard still || !accepted || expected < 0.02 * smoothing else { continue }
        let nearest = observed.reduce(Double.infinity) { min($0, squares[$1]) }
        smoothing = nearest > 1e4 * smoothing * smoothing ? floor : max(floor, smoothing / 10)
        objective = evaluate(code, smoothing: smoothing)
        model.begin()
      } else if still || floor == solver.scale && expected < 1e-5 * objective {
        outcome.converged = true
        return
      } else if !accepted {
        // The cheap curvature may mislead; where the true one does, too, a kink of the decoder is in the way.
        guard model.distrust() else { return }
      }
      if !accepted { objective = evaluate(code, smoothing: smoothing) }
    }
  }

  /// Moves along the model's step, halved until the objective falls.
  private func search(
    _ expected: Double, from objective: Double, smoothing: Double
  ) -> (accepted: Bool, moved: Double, objective: Double) {
    var factor = 1.0
    var length = 0.0
    for index in 0..<size { length += model.step[index] * model.step[index] }
    length = length.squareRoot()
    for _ in 0..<12 {
      for index in 0..<size { trial[index] = Double(Float(code[index] + factor * model.step[index])) }
      let after = evaluate(trial, smoothing: smoothing)
      if after <= objective - 1e-4 * factor * expected {
        swap(&code, &trial)
        return (true, factor * length, after)
      }
      factor /= 2
    }
    _ = evaluate(code, smoothing: smoothing)
    return (false, length, objective)
  }

  /// Evaluates the decoder, with derivatives where the model wants them; returns the smoothed objective.
  private func evaluate(_ code: [Double], smoothing: Double) -> Double {
    for index in 0..<size { trialFloats[index] = Float(code[index]) }
    let output =
      model.wantsJacobian
      ? network.forwardWithJacobian(trialFloats) : network.forward(trialFloats, stride: size, rows: 1)
    var sum = 0.0
    for block in observed {
      let first = solver.layout.offsets[block]
      let square = VectorSums.squaredDistance(
        received.start + first, output + first, count: solver.layout.widths[block])
      squares[block] = square
      sum += (square + smoothing * smoothing).squareRoot()
    }
    return sum.isNaN ? .infinity : sum
  }
}

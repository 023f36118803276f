internal import CopurCore
internal import CopurNumerics

/// Damped, reweighted Gauss–Newton for Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ over the codes z of a curved manifold.
///
/// As in ``AffineSolver``, block i weighs w_i = 1/√(‖residual_i‖² + ε²); a step solves (J·W·Jᵀ + λI)·s = J·W·residual and
/// is kept only if the smoothed objective falls (Levenberg and Marquardt's damping). All samples still at work share each
/// evaluation of the decoder, one matrix product a layer.
struct GaussNewtonSolver {
  let manifold: any Manifold
  let settings: Purifier.Settings

  private struct State {
    var code: [Double]
    var smoothing: Double
    var damping = 1e-3
    var iterations = 0
    var converged = false
    var failures = 0
  }

  func solve(_ observation: Observation) -> Purification {
    let scale = manifold.blockScale > 0 ? Double(manifold.blockScale) : 1
    let floor = settings.floor * scale
    let width = manifold.codeWidth
    var states = (0..<observation.samples).map { _ in
      State(code: manifold.centralCode.map(Double.init), smoothing: max(scale, floor))
    }
    var active = (0..<observation.samples).filter { observation.observedCount(of: $0) > 0 }
    while !active.isEmpty {
      let (values, jacobians) = manifold.decodeWithJacobians(matrix(of: active, in: states))
      var trials = Matrix(rows: active.count, columns: width)
      var steps: [[Double]] = []
      for (row, sample) in active.enumerated() {
        let step = proposal(
          sample, of: observation, values: values, row: row, jacobians: jacobians, state: states[sample])
        steps.append(step)
        for index in 0..<width { trials[row, index] = Float(states[sample].code[index] + step[index]) }
      }
      let trialValues = manifold.decode(trials)
      for (row, sample) in active.enumerated() {
        let smoothing = states[sample].smoothing
        let before = objective(sample, of: observation, values: values, row: row, smoothing: smoothing)
        let after = objective(sample, of: observation, values: trialValues, row: row, smoothing: smoothing)
        let moved = steps[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
        states[sample].iterations += 1
        if after < before {
          for index in 0..<width { states[sample].code[index] = Double(trials[row, index]) }
          states[sample].damping = max(1e-9, states[sample].damping / 4)
          states[sample].failures = 0
        } else {
          states[sample].damping *= 8
          states[sample].failures += 1
        }
        // In single precision the objective stops falling at a relative 1e-7: no further descent is a minimum, too.
        let size = 1 + states[sample].code.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let still = moved <= settings.tolerance * size || before - after <= 1e-7 * before && after <= before
        if still || states[sample].failures > 12 {
          if states[sample].smoothing > floor {
            states[sample].smoothing = max(floor, states[sample].smoothing / 10)
            states[sample].damping = 1e-3
            states[sample].failures = 0
          } else {
            states[sample].converged = true
          }
        }
      }
      active.removeAll { states[$0].converged || states[$0].iterations >= settings.iterationLimit }
    }
    return result(observation, states: states)
  }

  private func matrix(of samples: [Int], in states: [State]) -> Matrix {
    var codes = Matrix(rows: samples.count, columns: manifold.codeWidth)
    for (row, sample) in samples.enumerated() {
      for index in 0..<manifold.codeWidth { codes[row, index] = Float(states[sample].code[index]) }
    }
    return codes
  }

  private func residual(_ observation: Observation, _ sample: Int, _ values: Matrix, _ row: Int, _ column: Int)
    -> Double
  {
    Double(observation.embeddings[sample, column]) - Double(values[row, column])
  }

  private func norm(_ block: Int, _ sample: Int, of observation: Observation, values: Matrix, row: Int) -> Double {
    var square = 0.0
    for column in manifold.layout[block] {
      let difference = residual(observation, sample, values, row, column)
      square += difference * difference
    }
    return square.squareRoot()
  }

  private func objective(_ sample: Int, of observation: Observation, values: Matrix, row: Int, smoothing: Double)
    -> Double
  {
    var sum = 0.0
    for block in 0..<manifold.layout.count where observation.isObserved(block: block, of: sample) {
      let norm = norm(block, sample, of: observation, values: values, row: row)
      sum += (norm * norm + smoothing * smoothing).squareRoot()
    }
    return sum
  }

  private func proposal(
    _ sample: Int, of observation: Observation, values: Matrix, row: Int, jacobians: Matrix, state: State
  ) -> [Double] {
    let width = manifold.codeWidth
    var normal = [Double](repeating: 0, count: width * width)
    var gradient = [Double](repeating: 0, count: width)
    for block in 0..<manifold.layout.count where observation.isObserved(block: block, of: sample) {
      let norm = norm(block, sample, of: observation, values: values, row: row)
      let weight = 1 / (norm * norm + state.smoothing * state.smoothing).squareRoot()
      for column in manifold.layout[block] {
        let residual = residual(observation, sample, values, row, column)
        for a in 0..<width {
          let weighted = weight * Double(jacobians[row * width + a, column])
          gradient[a] += weighted * residual
          for b in 0...a { normal[a * width + b] += weighted * Double(jacobians[row * width + b, column]) }
        }
      }
    }
    var trace = 0.0
    for a in 0..<width {
      trace += normal[a * width + a]
      for b in 0..<a { normal[b * width + a] = normal[a * width + b] }
    }
    let ridge = state.damping * trace / Double(width) + 1e-12
    for a in 0..<width { normal[a * width + a] += ridge }
    choleskySolve(&normal, &gradient, size: width)
    return gradient
  }

  private func result(_ observation: Observation, states: [State]) -> Purification {
    let codes = matrix(of: Array(0..<observation.samples), in: states)
    let embeddings = manifold.decode(codes)
    let reports = (0..<observation.samples).map { sample in
      let residuals = (0..<manifold.layout.count).map { block in
        observation.isObserved(block: block, of: sample)
          ? norm(block, sample, of: observation, values: embeddings, row: sample) : nil
      }
      let limit = Double(Float.greatestFiniteMagnitude)
      return Purification.Report(
        objective: Float(min(limit, residuals.reduce(0) { $0 + ($1 ?? 0) })), iterations: states[sample].iterations,
        converged: states[sample].converged, residuals: residuals.map { $0.map { Float(min(limit, $0)) } })
    }
    return Purification(codes: codes, embeddings: embeddings, reports: reports)
  }
}

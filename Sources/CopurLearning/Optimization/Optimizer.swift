internal import CopurNumerics

/// A first-order method with its state, one slot a parameter array.
///
/// Call ``beginStep()`` once, then ``move(_:along:)`` for each parameter array, in the same order every time.
public struct Optimizer: Sendable {
  /// The method and what it is set by.
  public enum Method: Hashable, Sendable, Codable {
    /// p ← p − rate·g.
    case sgd
    /// v ← decay·v + g; p ← p − rate·v (Polyak 1964).
    case momentum(decay: Float)
    /// Kingma and Ba 2015, Algorithm 1.
    case adam(firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8)
    /// Liu et al. 2020, Algorithm 2: Adam whose first steps do not divide by the second moment, and whose later ones
    /// are shortened while few gradients tell it. Division begins where the length ρ_t of the average is over 5, as in
    /// PyTorch (the paper: over 4). The denominator is Adam's, √(v/(1 − β₂ᵗ)) + epsilon; the paper has no epsilon.
    case radam(firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8)
  }

  /// The method by which a gradient becomes a step.
  public let method: Method
  /// The step size.
  public var learningRate: Float
  /// The share of itself, times the step size, that a parameter loses with each step, apart from the gradient
  /// (Loshchilov and Hutter 2019); 0 or more.
  public var weightDecay: Float = 0
  /// The number of steps of one cycle: step sizes grow over its first fifth up to the learning rate, and then fall to zero
  /// along a cosine (Smith 2018). Nil for steps of one size.
  public var cycle: Int?
  private var first: [[Float]] = []
  private var second: [[Float]] = []
  private var slot = 0
  private var step = 0

  /// An optimizer that has not stepped yet.
  public init(_ method: Method, learningRate: Float) {
    self.method = method
    self.learningRate = learningRate
  }

  /// Starts one step over all parameter arrays.
  public mutating func beginStep() {
    slot = 0
    step += 1
  }

  /// The step size of the present step.
  private var rate: Float {
    guard let cycle else { return learningRate }
    return learningRate * Self.share(min(1, Double(step - 1) / Double(max(1, cycle))))
  }

  /// The share of the largest step at a point of a cycle, from 0 to 1.
  package static func share(_ progress: Double) -> Float {
    let rise = 0.2
    if progress < rise { return Float(0.04 + 0.96 * progress / rise) }
    return Float((1 + cosine(Double.pi * (progress - rise) / (1 - rise))) / 2)
  }

  /// Moves one parameter array.
  public mutating func move(_ parameters: inout [Float], along gradient: [Float]) {
    precondition(parameters.count == gradient.count)
    if slot == first.count {
      let zeros = [Float](repeating: 0, count: parameters.count)
      first.append(method == .sgd ? [] : zeros)
      switch method {
      case .adam, .radam: second.append(zeros)
      case .sgd, .momentum: second.append([])
      }
    }
    let rate = rate
    if weightDecay > 0 {
      let kept = 1 - rate * weightDecay
      for index in parameters.indices { parameters[index] *= kept }
    }
    if case .adam(let firstDecay, let secondDecay, let epsilon) = method {
      let step = VectorKernels.AdamStep(
        rate: rate, decays: (firstDecay, secondDecay),
        corrections: (1 - power(firstDecay, step), 1 - power(secondDecay, step)), epsilon: epsilon)
      VectorKernels.adam(
        &parameters, mean: &first[slot], square: &second[slot], gradient: gradient, step: step)
    }
    if case .radam(let firstDecay, let secondDecay, let epsilon) = method {
      rectifiedMove(&parameters, along: gradient, decays: (firstDecay, secondDecay), epsilon: epsilon)
    }
    switch method {
    case .sgd:
      parameters.withUnsafeMutableBufferPointer { parameters in
        gradient.withUnsafeBufferPointer { gradient in
          for index in 0..<parameters.count { parameters[index] -= rate * gradient[index] }
        }
      }
    case .momentum(let decay):
      VectorKernels.momentum(&parameters, velocity: &first[slot], gradient: gradient, decay: decay, rate: rate)
    case .adam, .radam: break
    }
    slot += 1
  }

  /// A step of RAdam (Liu et al. 2020, Algorithm 2).
  private mutating func rectifiedMove(
    _ parameters: inout [Float], along gradient: [Float], decays: (Float, Float), epsilon: Float
  ) {
    let decayed = (
      exponential(Double(step) * logarithm(Double(decays.0))), exponential(Double(step) * logarithm(Double(decays.1)))
    )
    let longest = 2 / (1 - Double(decays.1)) - 1
    let length = longest - 2 * Double(step) * decayed.1 / (1 - decayed.1)
    let firstCorrection = Float(1 - decayed.0)
    if length > 5 {
      let rectification =
        ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)).squareRoot()
      let step = VectorKernels.AdamStep(
        rate: rate * Float(rectification), decays: decays,
        corrections: (firstCorrection, Float(1 - decayed.1)), epsilon: epsilon)
      VectorKernels.adam(&parameters, mean: &first[slot], square: &second[slot], gradient: gradient, step: step)
      return
    }
    let rate = rate / firstCorrection
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        first[slot].withUnsafeMutableBufferPointer { mean in
          second[slot].withUnsafeMutableBufferPointer { square in
            for index in 0..<parameters.count {
              let slope = gradient[index]
              mean[index] = decays.0 * mean[index] + (1 - decays.0) * slope
              square[index] = decays.1 * square[index] + (1 - decays.1) * slope * slope
              parameters[index] -= rate * mean[index]
            }
          }
        }
      }
    }
  }

  private func power(_ base: Float, _ exponent: Int) -> Float {
    Float(exponential(Double(exponent) * logarithm(Double(base))))
  }
}

extension Optimizer: Codable {
  private enum CodingKeys: String, CodingKey { case method, learningRate, weightDecay, cycle, first, second, step }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(Method.self, forKey: .method),
      learningRate: try container.decode(Float.self, forKey: .learningRate))
    weightDecay = try container.decode(Float.self, forKey: .weightDecay)
    cycle = try container.decodeIfPresent(Int.self, forKey: .cycle)
    first = try container.decode([PackedNumbers].self, forKey: .first).map(\.values)
    second = try container.decode([PackedNumbers].self, forKey: .second).map(\.values)
    step = try container.decode(Int.self, forKey: .step)
  }

  /// Between two steps.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(learningRate, forKey: .learningRate)
    try container.encode(weightDecay, forKey: .weightDecay)
    try container.encodeIfPresent(cycle, forKey: .cycle)
    try container.encode(first.map(PackedNumbers.init), forKey: .first)
    try container.encode(second.map(PackedNumbers.init), forKey: .second)
    try container.encode(step, forKey: .step)
  }
}

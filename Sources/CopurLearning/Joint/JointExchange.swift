public import CopurNumerics

/// The exchange of embeddings and gradients between agents and fusion center in joint training.
public struct JointExchange: Hashable, Sendable, Codable {
  /// Whether a step waits for every agent.
  public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
    /// Every step has the embeddings of all agents.
    case synchronous
    /// An agent sends when it can, and each of its batches is a step with what the others sent last (Chen et al. 2020).
    case asynchronous
  }

  /// Whether a step waits for every agent.
  public var mode: Mode
  /// In asynchronous training, for how many epochs an embedding counts; what is older is missing.
  public var staleness: Int
  /// The number of steps that each side takes on one batch, the others' values held (Liu et al. 2019). An agent knows no
  /// more than ∂ℓ/∂h_i and takes all of them along it.
  public var localSteps: Int
  /// The format of a number on the wire.
  public var numbers: QuantizedNumbers.Format
  /// The standard deviation of the normal noise that agents add to embeddings, as a share of a message's root mean square.
  public var embeddingNoise: Float
  /// The same of the noise that the fusion center adds to gradients.
  public var gradientNoise: Float

  private enum CodingKeys: String, CodingKey {
    case mode, staleness, numbers
    case localSteps = "local_steps"
    case embeddingNoise = "embedding_noise"
    case gradientNoise = "gradient_noise"
  }

  /// Synchronous training with the numbers as they are, where nothing else is given.
  public init(
    mode: Mode = .synchronous, staleness: Int = 5, localSteps: Int = 1, numbers: QuantizedNumbers.Format = .float32,
    embeddingNoise: Float = 0, gradientNoise: Float = 0
  ) {
    self.mode = mode
    self.staleness = staleness
    self.localSteps = localSteps
    self.numbers = numbers
    self.embeddingNoise = embeddingNoise
    self.gradientNoise = gradientNoise
  }

  /// A message as the other side gets it: with noise, and rounded.
  ///
  /// - Parameters:
  ///   - noise: The standard deviation as a share of the message's root mean square.
  ///   - generator: Draws nothing where there is no noise.
  func sent(_ message: Matrix, noise: Float, using generator: inout SeededGenerator) -> Matrix {
    var message = message
    if noise > 0, !message.values.isEmpty {
      let squares = message.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      let deviation = Double(noise) * (squares / Double(message.values.count)).squareRoot()
      for index in message.values.indices { message.values[index] += Float(deviation * generator.normal()) }
    }
    return message.rounded(to: numbers)
  }
}

public import CopurLearning
public import CopurNumerics

/// The fusion center's model f_θ0: an embedding in, a class out.
public struct FusionModel: Hashable, Sendable {
  /// From the embedding to logits: one for two classes, else one a class.
  public let network: DenseNetwork
  /// The loss that says what the logits mean.
  public let loss: ClassificationLoss
  /// The number of classes, at least 2.
  public let classes: Int

  /// - Precondition: There are at least two classes, and the network has the outputs that their loss needs.
  public init(network: DenseNetwork, classes: Int) {
    self.network = network
    self.classes = classes
    loss = ClassificationLoss(classes: classes)
    precondition(classes >= 2 && network.outputWidth == loss.logits(classes: classes))
  }

  /// Label and probabilities of each row of h, [n, D]; bit-equal to what the row gives alone.
  public func decide(_ embeddings: Matrix) -> [Decision] {
    let logits = network.infer(embeddings)
    let probabilities = loss.probabilities(of: logits)
    return loss.labels(of: logits).enumerated().map { row, label in
      Decision(label: label, probabilities: Array(probabilities[row: row]))
    }
  }

  /// The mean cross-entropy with given labels, and for each row the gradient of its own loss with respect to h.
  ///
  /// - Returns: ∂ℓ_s/∂h_s, [n, D]: each row's own, not divided by n.
  public func lossGradient(_ embeddings: Matrix, labels: [Int]) -> (loss: Float, gradient: Matrix) {
    let trace = network.trace(embeddings)
    var (value, gradient) = loss(trace.output, labels: labels)
    for index in gradient.values.indices { gradient.values[index] *= Float(labels.count) }
    return (value, network.backward(trace, outputGradient: gradient).input)
  }

  /// The cross-entropy of each row with its label, and ``lossGradient(_:labels:)``'s gradient.
  public func lossGradient(ofEach embeddings: Matrix, labels: [Int]) -> LossGradient {
    let trace = network.trace(embeddings)
    var gradient = loss(trace.output, labels: labels).gradient
    for index in gradient.values.indices { gradient.values[index] *= Float(labels.count) }
    return LossGradient(
      losses: loss.values(of: trace.output, labels: labels),
      gradient: network.backward(trace, outputGradient: gradient).input)
  }
}

extension FusionModel: BundlePart {
  public static let kind = "fusion-model"

  public init(from reader: PartReader) throws {
    let network = try reader.denseNetwork()
    let logits = ClassificationLoss(classes: reader.classes).logits(classes: reader.classes)
    guard network.inputWidth == reader.roster.layout.totalWidth, network.outputWidth == logits else {
      throw CopurError(
        .invalidData,
        "fusion model \"\(reader.name)\" leads from \(reader.roster.layout.totalWidth) values to \(logits) logits "
          + "(actual: \(network.inputWidth) → \(network.outputWidth))")
    }
    self.init(network: network, classes: reader.classes)
  }

  public func write(to writer: inout PartWriter) throws { try writer.write(Network(network)) }
}

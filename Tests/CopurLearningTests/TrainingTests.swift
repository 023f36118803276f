import CopurLearning
import CopurNumerics
import Testing

@Suite("Training")
struct TrainingTests {
  /// Two agents see one coordinate each; the class is the sign of the product, which neither knows alone.
  private func rows(_ count: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = SeededGenerator(seed: seed)
    let inputs = generator.normalMatrix(rows: count, columns: 2)
    return (inputs, (0..<count).map { inputs[$0, 0] * inputs[$0, 1] > 0 ? 1 : 0 })
  }

  private func trained(seed: UInt64) throws -> (extractors: [Network], fusion: DenseNetwork) {
    let (inputs, labels) = rows(600, seed: 1)
    var generator = SeededGenerator(seed: seed)
    let trainees = (0..<2).map { agent in
      ExtractorTrainee(
        network: DenseNetwork(widths: [1, 4], hidden: .relu, using: &generator),
        inputs: inputs.columns(agent..<agent + 1), optimizer: Optimizer(.adam(), learningRate: 0.01))
    }
    return try JointTraining(layout: BlockLayout(widths: [4, 4]), loss: .sigmoid).train(
      agents: trainees, fusion: DenseNetwork(widths: [8, 16, 1], hidden: .relu, using: &generator), labels: labels,
      optimizer: Optimizer(.adam(), learningRate: 0.01), epochs: 60, batch: 32, using: &generator)
  }

  @Test("agents that learn from ∂ℓ/∂h_i alone solve together what neither could")
  func joint() throws {
    let (extractors, fusion) = try trained(seed: 3)
    let (inputs, labels) = rows(400, seed: 2)
    var embeddings = Matrix(rows: 400, columns: 8)
    for agent in 0..<2 {
      embeddings.replaceColumns(
        4 * agent..<4 * agent + 4, with: extractors[agent].infer(inputs.columns(agent..<agent + 1)))
    }
    let predicted = ClassificationLoss.sigmoid.labels(of: fusion.infer(embeddings))
    let right = zip(predicted, labels).count { $0 == $1 }
    #expect(right > 360, "\(right) of 400")
  }

  @Test("extractors of any layers are trained jointly")
  func smoothExtractors() throws {
    let (inputs, labels) = rows(600, seed: 1)
    var generator = SeededGenerator(seed: 4)
    let trainees = try (0..<2).map { agent in
      let architecture = try Architecture(
        inputWidth: 1,
        layers: [
          .init("dense", DenseSpecification(outputs: 4)), .init("norm", LayerNormalizationSpecification()),
          .init("bend", ActivationSpecification(.tanh)),
        ])
      return ExtractorTrainee(
        network: try Network(architecture, using: &generator), inputs: inputs.columns(agent..<agent + 1),
        optimizer: Optimizer(.adam(), learningRate: 0.01))
    }
    let (extractors, fusion) = try JointTraining(layout: BlockLayout(widths: [4, 4]), loss: .sigmoid).train(
      agents: trainees, fusion: DenseNetwork(widths: [8, 16, 1], hidden: .relu, using: &generator), labels: labels,
      optimizer: Optimizer(.adam(), learningRate: 0.01), epochs: 60, batch: 32, using: &generator)
    var embeddings = Matrix(rows: 600, columns: 8)
    for agent in 0..<2 {
      embeddings.replaceColumns(
        4 * agent..<4 * agent + 4, with: extractors[agent].infer(inputs.columns(agent..<agent + 1)))
    }
    let predicted = ClassificationLoss.sigmoid.labels(of: fusion.infer(embeddings))
    #expect(zip(predicted, labels).count { $0 == $1 } > 540)
  }

  @Test("the same seed gives the same weights, another gives others")
  func seeded() throws {
    let (first, second, other) = (try trained(seed: 5), try trained(seed: 5), try trained(seed: 6))
    #expect(first.fusion == second.fusion && first.extractors == second.extractors)
    #expect(first.fusion != other.fusion)
  }

  @Test("a linear autoencoder of code 2 reproduces a plane")
  func autoencoder() throws {
    var generator = SeededGenerator(seed: 9)
    let inputs = Matrix.product(
      generator.normalMatrix(rows: 500, columns: 2), generator.normalMatrix(rows: 2, columns: 6))
    let network = try AutoencoderTraining.train(
      DenseNetwork(widths: [6, 2, 6], hidden: .identity, using: &generator), inputs: inputs,
      optimizer: Optimizer(.adam(), learningRate: 0.01), epochs: 200, batch: 50, using: &generator)
    let (loss, _) = ReconstructionLoss.evaluate(network.infer(inputs), against: inputs)
    let (variance, _) = ReconstructionLoss.evaluate(Matrix(rows: 500, columns: 6), against: inputs)
    #expect(loss < 1e-3 * variance)
  }

  @Test("a loss that is not finite ends the training with an error")
  func divergence() {
    var generator = SeededGenerator(seed: 9)
    let inputs = generator.normalMatrix(rows: 50, columns: 3, standardDeviation: 100)
    let network = DenseNetwork(widths: [3, 8, 3], hidden: .identity, using: &generator)
    #expect(throws: NumericsError.self) {
      try AutoencoderTraining.train(
        network, inputs: inputs, optimizer: Optimizer(.sgd, learningRate: 10), epochs: 100, batch: 10,
        using: &generator)
    }
  }
}

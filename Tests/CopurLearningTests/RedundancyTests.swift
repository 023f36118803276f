import CopurLearning
import CopurNumerics
import Testing

/// Joint training by which an agent can be done without.
@Suite("Training for redundancy")
struct RedundancyTests {
  private static let layout = BlockLayout(widths: [1, 1])

  /// The first agent sees the class as ±1, the second the same with noise.
  private func trained(
    dropout: Float = 0, heads: Bool = false
  ) throws -> (extractors: [Network], fusion: DenseNetwork, inputs: Matrix, labels: [Int]) {
    var generator = SeededGenerator(seed: 4)
    let labels = (0..<400).map { _ in generator.uniform() < 0.5 ? 1 : 0 }
    let inputs = Matrix(
      labels.map { label -> [Float] in
        let side: Float = label == 1 ? 1 : -1
        return [side, side + 0.7 * Float(generator.normal())]
      })
    let optimizer = Optimizer(.sgd, learningRate: 0.1)
    let agents = (0..<2).map { agent in
      ExtractorTrainee(
        network: DenseNetwork(widths: [1, 1], hidden: .identity, using: &generator),
        inputs: inputs.columns(agent..<agent + 1), optimizer: optimizer)
    }
    var training = JointTraining(layout: Self.layout, loss: .sigmoid)
    training.agentDropout = dropout
    training.hasAgentHeads = heads
    let (extractors, fusion) = try training.train(
      agents: agents, fusion: DenseNetwork(widths: [2, 1], hidden: .identity, using: &generator), labels: labels,
      optimizer: optimizer, epochs: 60, batch: 40, using: &generator)
    return (extractors, fusion, inputs, labels)
  }

  /// The mean loss where the first agent, which knows more, is silent.
  private func lossWithoutFirst(dropout: Float) throws -> Float {
    let (extractors, fusion, inputs, labels) = try trained(dropout: dropout)
    var embeddings = Matrix(rows: labels.count, columns: 2)
    embeddings.replaceColumns(1..<2, with: extractors[1].infer(inputs.columns(1..<2)))
    return ClassificationLoss.sigmoid(fusion.infer(embeddings), labels: labels).value
  }

  /// The largest |a − factor·b|.
  private func difference(_ first: Matrix, _ second: Matrix, times factor: Float = 1) -> Float {
    zip(first.values, second.values).map { abs($0 - factor * $1) }.max() ?? .infinity
  }

  @Test("With agents dropped in training the fusion model makes more of the one that is left")
  func dropout() throws {
    let (without, with) = (try lossWithoutFirst(dropout: 0), try lossWithoutFirst(dropout: 0.5))
    #expect(with < 0.9 * without, "\(without) without, \(with) with")
  }

  @Test("With a head of its own an agent learns though the fusion model hardly needs it")
  func heads() throws {
    func slope(heads: Bool) throws -> Float {
      abs(try trained(heads: heads).extractors[1].parameters[0][0])
    }
    let (without, with) = (try slope(heads: false), try slope(heads: true))
    #expect(with > 1.2 * without, "\(without) without, \(with) with")
  }

  @Test("Balanced weights make classes count alike, and are the loss of a set in which they are as frequent")
  func weights() {
    let labels = [0, 0, 0, 1]
    let weights = ClassificationLoss.balancedWeights(labels: labels, classes: 2)
    #expect(weights == [4 / 6, 2])
    #expect(ClassificationLoss.balancedWeights(labels: [0, 2], classes: 3) == [2 / 3, 0, 2 / 3])
    let logits = Matrix([[0.3], [-1], [2], [0.5]])
    // The rare sample three times over.
    let repeated = ClassificationLoss.sigmoid(
      logits.appending(rows: logits.selecting(rows: [3, 3])), labels: labels + [1, 1])
    let weighted = ClassificationLoss.sigmoid(logits, labels: labels, classWeights: weights)
    #expect(abs(weighted.value - repeated.value) < 1e-6)
    let summed = (3..<6).reduce(Float(0)) { $0 + repeated.gradient[$1, 0] }
    #expect(abs(weighted.gradient[3, 0] - summed) < 1e-6)
    #expect(abs(weighted.gradient[0, 0] - repeated.gradient[0, 0]) < 1e-6)
  }

  @Test("Softmax takes the same weights")
  func softmaxWeights() {
    let (logits, labels) = (Matrix([[0.3, -1, 2], [1, 0, 0.2]]), [2, 0])
    let plain = ClassificationLoss.softmax(logits, labels: labels)
    let weighted = ClassificationLoss.softmax(logits, labels: labels, classWeights: [2, 5, 2])
    #expect(abs(weighted.value - 2 * plain.value) < 1e-6)
    #expect(difference(weighted.gradient, plain.gradient, times: 2) < 1e-6)
  }

  @Test("Scaling a network's output and the next one's input undo each other")
  func scaling() {
    var generator = SeededGenerator(seed: 8)
    let extractor = DenseNetwork(widths: [3, 2], hidden: .identity, using: &generator)
    let fusion = DenseNetwork(widths: [5, 4, 1], hidden: .leakyReLU(slope: 0.9), using: &generator)
    let (inputs, others) = (generator.normalMatrix(rows: 6, columns: 3), generator.normalMatrix(rows: 6, columns: 3))
    func output(_ extractor: DenseNetwork, _ fusion: DenseNetwork) -> Matrix {
      var embeddings = Matrix(rows: 6, columns: 5)
      embeddings.replaceColumns(0..<3, with: others)
      embeddings.replaceColumns(3..<5, with: extractor.infer(inputs))
      return fusion.infer(embeddings)
    }
    let plain = output(extractor, fusion)
    let scaled = output(extractor.scalingOutput(by: 4), fusion.scalingInput(3..<5, by: 0.25))
    #expect(difference(plain, scaled) < 1e-5)
    #expect(output(extractor.scalingOutput(by: 4), fusion) != plain)
  }
}

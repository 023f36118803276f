public import CopurCore
public import CopurLearning
internal import CopurNumerics

extension TrainingSettings {
  /// The optimiser of every training, with its step size.
  ///
  /// - Parameter steps: How many steps the training has.
  func optimizer(_ rate: Float, steps: Int) -> CopurLearning.Optimizer {
    var result: CopurLearning.Optimizer =
      switch optimizer {
      case .sgd: .init(.sgd, learningRate: rate)
      case .momentum: .init(.momentum(decay: 0.9), learningRate: rate)
      case .adam: .init(.adam(), learningRate: rate)
      }
    result.weightDecay = decay ?? 0
    if schedule == .oneCycle { result.cycle = max(1, steps) }
    return result
  }

  /// The number of mini-batches in so many passes over so many rows.
  func steps(rows: Int, epochs: Int) -> Int { epochs * ((rows + batch - 1) / batch) }

  /// The optimiser of joint training, on either side.
  func jointOptimizer(rows: Int) -> CopurLearning.Optimizer {
    optimizer(learningRate, steps: steps(rows: rows, epochs: epochs) * jointExchange.localSteps)
  }

  /// The exchange of embeddings and gradients between agents and fusion center.
  public var jointExchange: JointExchange { exchange ?? JointExchange() }

  /// These settings with the width of the embeddings that voters of so many classes send.
  func fitted(toClasses classes: Int) -> TrainingSettings {
    var settings = self
    if extractor == .voters {
      settings.embedding = ClassificationLoss(classes: classes).logits(classes: classes)
    }
    settings.alternatives = alternatives.map { $0.fitted(toClasses: classes) }
    return settings
  }

  /// D values: a block for each agent, of the set width or of that of a model that is given.
  func embeddingLayout(agents: Int) -> BlockLayout {
    if bringsModels, let widths = given?.found?.widths { return BlockLayout(widths: widths) }
    return BlockLayout(widths: [Int](repeating: embedding, count: agents))
  }

  /// A fusion model's network before any training.
  func fusionNetwork(inputs: Int, classes: Int, using generator: inout SeededGenerator) -> DenseNetwork {
    DenseNetwork(
      widths: [inputs, hidden, ClassificationLoss(classes: classes).logits(classes: classes)],
      hidden: .leakyReLU(slope: slope), using: &generator)
  }

  /// The weight of a sample of each class in every loss; nil for 1 each.
  func classWeights(of labels: [Int], classes: Int) -> [Float]? {
    classBalanced ? ClassificationLoss.balancedWeights(labels: labels, classes: classes) : nil
  }
}

internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Training of one agent's voters on what is its own, features or embeddings, and the labels: nothing of other agents goes in,
/// so that an agent whose training rows are spoiled spoils its own vote alone.
struct VoterTraining {
  let settings: VoterSettings
  let classes: Int

  /// C of logistic regression, of which the one with the least loss on held-out runs is taken.
  private static let inversePenalties = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
  /// The number of runs of consecutive rows that are held out in turn.
  private static let runs = 5
  /// Up to how many rows the penalty is chosen on, evenly spaced where there are more.
  private static let choiceLimit = 5000

  /// - Parameters:
  ///   - features: Raw features, or embeddings, of the rows that the agent has, [n, width]; NaN where a value is missing.
  ///   - standardizer: What brings features to one scale.
  ///   - labels: n classes, from 0.
  ///   - absentLabels: The classes of the rows that it does not have.
  ///   - generator: The agent's own.
  /// - Throws: ``NumericsError`` if a training diverges; `CancellationError`; ``CopurError`` of code `.configuration`
  ///   where the features are too many for logistic regression.
  func train(
    on features: Matrix, standardizer: Standardizer, labels: [Int], absentLabels: [Int],
    using generator: inout SeededGenerator
  ) throws -> VoterExtractor {
    let inputs = VoterExtractor.inputs(features, standardizer)
    var members: [VoterExtractor.Member] = []
    let balanced = ClassificationLoss.balancedWeights(labels: labels, classes: classes)
    let weightings = weightings(balanced: balanced)
    for classWeights in weightings {
      try Task.checkCancellation()
      if settings.hasLogistic(classes: classes) {
        members.append(.network(Network(try logistic(inputs, labels: labels, classWeights: classWeights).network)))
      }
      if settings.hasTrees(classes: classes) {
        members.append(
          .forest(
            RandomizedForest(
              .init(trees: settings.trees, leaf: settings.leaf), fitting: inputs, labels: labels, classes: classes,
              classWeights: classWeights, using: &generator)))
      }
    }
    if settings.hasDense(classes: classes) {
      for _ in 0..<settings.networks {
        members.append(.network(try dense(inputs, labels: labels, using: &generator)))
      }
    }
    return VoterExtractor(
      standardizer: standardizer, members: members, classes: classes,
      absence: absence(of: absentLabels, among: labels + absentLabels))
  }

  private func weightings(balanced: [Float]) -> [[Float]?] {
    switch settings.weighting {
    case .both: [nil, balanced]
    case .rows: [nil]
    case .classes: [balanced]
    }
  }

  /// The weight, in rows, of the shares of the classes among all rows where those of absent rows are estimated: as many as a
  /// few runs of consecutive rows that are alike, so that one such run says little.
  private static let priorRows = 100.0

  /// The evidence of the agent being missing; nil if it never was. Like the voters' it is the mean over weightings of the
  /// log-odds, or log-probabilities, of the classes.
  private func absence(of absentLabels: [Int], among labels: [Int]) -> [Float]? {
    guard !absentLabels.isEmpty else { return nil }
    let balanced = ClassificationLoss.balancedWeights(labels: labels, classes: classes)
    let weightings =
      settings.hasLogistic(classes: classes) || settings.hasTrees(classes: classes)
      ? weightings(balanced: balanced) : [nil]
    var sums = [Double](repeating: 0, count: classes)
    for classWeights in weightings {
      var counts = [Double](repeating: 0, count: classes)
      for label in labels { counts[label] += Self.priorRows / Double(labels.count) }
      for label in absentLabels { counts[label] += 1 }
      for label in 0..<classes { counts[label] *= Double(classWeights?[label] ?? 1) }
      let total = counts.reduce(0, +)
      for label in 0..<classes {
        let share = max(counts[label] / total, Double(RandomizedForest.leastProbability))
        sums[label] += share.naturalLogarithm / Double(weightings.count)
      }
    }
    return ClassificationLoss(classes: classes).logits(classes: classes) == 1
      ? [Float(sums[1] - sums[0])] : sums.map(Float.init)
  }

  private func logistic(_ inputs: Matrix, labels: [Int], classWeights: [Float]?) throws -> LogisticRegression {
    guard inputs.columns <= LogisticRegression.widthLimit else {
      throw CopurError(
        .configuration,
        "logistic regression takes at most \(LogisticRegression.widthLimit) numbers of an agent; choose other voters: "
          + "{ members: dense } (actual: \(inputs.columns))")
    }
    var model = LogisticRegression(width: inputs.columns)
    model.fit(
      inputs, labels: labels, classWeights: classWeights,
      inversePenalty: inversePenalty(inputs, labels: labels, classWeights: classWeights))
    return model
  }

  /// C with the least loss on runs of consecutive rows that the fits had not seen; of equal ones the least.
  private func inversePenalty(_ inputs: Matrix, labels: [Int], classWeights: [Float]?) -> Double {
    let stride = max(1, (inputs.rows + Self.choiceLimit - 1) / Self.choiceLimit)
    let rows = Array(Swift.stride(from: 0, to: inputs.rows, by: stride))
    guard rows.count >= 2 * Self.runs else { return Self.inversePenalties[0] }
    var losses = [Double](repeating: 0, count: Self.inversePenalties.count)
    for run in 0..<Self.runs {
      let range = run * rows.count / Self.runs..<(run + 1) * rows.count / Self.runs
      let held = Array(rows[range])
      let rest = Array(rows[..<range.lowerBound] + rows[range.upperBound...])
      let (heldInputs, restInputs) = (inputs.selecting(rows: held), inputs.selecting(rows: rest))
      let (heldLabels, restLabels) = (held.map { labels[$0] }, rest.map { labels[$0] })
      var model = LogisticRegression(width: inputs.columns)
      for (index, inversePenalty) in Self.inversePenalties.enumerated() {
        // From the last fit: a path of growing weights takes a step or two each.
        model.fit(restInputs, labels: restLabels, classWeights: classWeights, inversePenalty: inversePenalty)
        losses[index] += model.loss(heldInputs, labels: heldLabels, classWeights: classWeights) * Double(held.count)
      }
    }
    return Self.inversePenalties[losses.indices.min { losses[$0] < losses[$1] } ?? 0]
  }

  private func dense(_ inputs: Matrix, labels: [Int], using generator: inout SeededGenerator) throws -> Network {
    let loss = ClassificationLoss(classes: classes)
    var optimizer = Optimizer(.adam(), learningRate: settings.learningRate)
    optimizer.weightDecay = settings.decay
    let architecture = try Architecture(
      inputWidth: inputs.columns,
      layers: [
        .init("hidden", DenseSpecification(outputs: settings.hidden, activation: .leakyReLU(slope: 0))),
        .init("dropout", DropoutSpecification(rate: settings.dropout)),
        .init("logits", DenseSpecification(outputs: loss.logits(classes: classes), activation: .identity)),
      ])
    return try ClassifierTraining.trainInOneCycle(
      Network(architecture, using: &generator), inputs: inputs, labels: labels, loss: loss, optimizer: optimizer,
      epochs: settings.epochs, batch: 100, using: &generator)
  }
}

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

  /// Trains the voters of the rows in which the agent is there, and what its being missing is worth as evidence.
  ///
  /// Being missing is one more feature of logistic regression and trees, where the agent is missing in some rows: 1 there, beside
  /// 0 for all else. Of rows in which it is there that feature is 0 and leaves no trace in a voter; of rows in which it is missing
  /// all is known, so that the evidence is one constant.
  ///
  /// - Parameters:
  ///   - features: Raw features, or embeddings, [n, width]; NaN where a value is missing.
  ///   - presence: Whether the agent is there, of each row; it is in at least one. What the features of other rows are is of no
  ///     account.
  ///   - standardizer: What brings features to one scale.
  ///   - labels: n classes, from 0.
  ///   - generator: The agent's own.
  /// - Throws: ``NumericsError`` if a training diverges; `CancellationError`; ``CopurError`` of code `.configuration`
  ///   where the features are too many for logistic regression.
  func train(
    on features: Matrix, presence: [Bool], standardizer: Standardizer, labels: [Int],
    using generator: inout SeededGenerator
  ) throws -> VoterExtractor {
    let present = presence.indices.filter { presence[$0] }
    let isEverMissing = present.count < presence.count
    let own = VoterExtractor.inputs(features, standardizer)
    let inputs = isEverMissing ? Self.marking(own, presence) : own
    let balanced = ClassificationLoss.balancedWeights(labels: labels, classes: classes)
    var (voters, silent): ([VoterExtractor.Member], [VoterExtractor.Member]) = ([], [])
    for classWeights in weightings(balanced: balanced) {
      try Task.checkCancellation()
      if settings.hasLogistic(classes: classes) {
        let model = try logistic(inputs, labels: labels, classWeights: classWeights)
        func member(missing value: Double) -> VoterExtractor.Member {
          .network(Network((isEverMissing ? model.fixingLastColumn(at: value) : model).network))
        }
        voters.append(member(missing: 0))
        silent.append(member(missing: 1))
      }
      if settings.hasTrees(classes: classes) {
        let forest = RandomizedForest(
          .init(trees: settings.trees, leaf: settings.leaf), fitting: inputs, labels: labels, classes: classes,
          classWeights: classWeights, using: &generator)
        voters.append(.forest(isEverMissing ? forest.fixingLastColumn(at: 0) : forest))
        silent.append(.forest(isEverMissing ? forest.fixingLastColumn(at: 1) : forest))
      }
    }
    if settings.hasDense(classes: classes) {
      let (heard, heardLabels) = (own.selecting(rows: present), present.map { labels[$0] })
      for _ in 0..<settings.networks {
        voters.append(.network(try dense(heard, labels: heardLabels, using: &generator)))
        silent.append(shares(presence: presence, labels: labels, width: own.columns))
      }
    }
    guard isEverMissing else { return VoterExtractor(standardizer: standardizer, members: voters, classes: classes) }
    let absence = VoterExtractor(standardizer: standardizer, members: silent, classes: classes)
      .embed(Matrix(rows: 1, columns: own.columns, repeating: .nan))
    return VoterExtractor(standardizer: standardizer, members: voters, classes: classes, absence: absence.values)
  }

  /// Inputs with a last column that is 1 where the agent is missing, and all others 0 there.
  private static func marking(_ inputs: Matrix, _ presence: [Bool]) -> Matrix {
    let width = inputs.columns
    return Matrix(rows: inputs.rows, columns: width + 1) { output in
      for row in 0..<inputs.rows {
        for column in 0..<width { output[row * (width + 1) + column] = presence[row] ? inputs[row, column] : 0 }
        output[row * (width + 1) + width] = presence[row] ? 0 : 1
      }
    }
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

  /// The voter of rows in which the agent is missing, in place of a dense network, which learns from the others alone: how the
  /// classes are shared among those rows.
  private func shares(presence: [Bool], labels: [Int], width: Int) -> VoterExtractor.Member {
    var counts = [Double](repeating: 0, count: classes)
    for (row, label) in labels.enumerated() {
      counts[label] += Self.priorRows / Double(labels.count) + (presence[row] ? 0 : 1)
    }
    let total = counts.reduce(0, +)
    let logs = counts.map { Float(max($0 / total, RandomizedForest.leastProbability).naturalLogarithm) }
    let logits = ClassificationLoss(classes: classes).logits(classes: classes)
    return .network(
      Network(
        DenseNetwork(layers: [
          DenseLayer(
            weights: Matrix(rows: width, columns: logits), bias: logits == 1 ? [logs[1] - logs[0]] : logs,
            activation: .identity)
        ])))
  }

  private func logistic(_ inputs: Matrix, labels: [Int], classWeights: [Float]?) throws -> LogisticRegression {
    guard inputs.columns <= LogisticRegression.widthLimit else {
      throw CopurError(
        .configuration,
        "logistic regression takes at most \(LogisticRegression.widthLimit) numbers of an agent, one of which is whether it is "
          + "missing where it ever is; choose other voters: { members: dense } (actual: \(inputs.columns))")
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

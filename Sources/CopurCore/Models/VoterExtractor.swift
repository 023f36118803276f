public import CopurLearning
public import CopurNumerics

/// An agent's voters: classifiers trained on its own features alone, whose evidence is what it sends; or at the fusion center,
/// on the embeddings alone that the agent sends.
///
/// For two classes the evidence is the mean of the voters' log-odds of class 1, one number; for more the mean of their
/// log-probabilities, one number a class.
public struct VoterExtractor: FeatureExtractor {
  /// One voter.
  public enum Member: Hashable, Sendable {
    /// Gives logits: one for two classes, else one a class.
    case network(Network)
    /// Gives probabilities.
    case forest(RandomizedForest)

    var inputWidth: Int {
      switch self {
      case .network(let network): network.inputWidth
      case .forest(let forest): forest.inputWidth
      }
    }
  }

  /// The greatest distance of a standardised feature from its mean, in standard deviations; one that is further off counts
  /// as this far.
  public static let featureLimit: Float = 5

  /// Statistics of the agent's training rows.
  public let standardizer: Standardizer
  /// The voters; at least one.
  public let members: [Member]
  /// The number of classes.
  public let classes: Int
  /// The evidence that lies in the agent being missing, ``embeddingWidth`` numbers: how the classes were shared among the
  /// training rows in which it was. All 0 if it never was.
  public let absence: [Float]

  /// - Parameter absence: The evidence of the agent being missing; nil for none.
  /// - Precondition: There is a voter, and each takes as many features as the standardizer gives.
  public init(standardizer: Standardizer, members: [Member], classes: Int, absence: [Float]? = nil) {
    precondition(!members.isEmpty && members.allSatisfy { $0.inputWidth == standardizer.means.count })
    let width = ClassificationLoss(classes: classes).logits(classes: classes)
    self.absence = absence ?? [Float](repeating: 0, count: width)
    precondition(self.absence.count == width)
    self.standardizer = standardizer
    self.members = members
    self.classes = classes
  }

  /// The voters of an agent that never had a reading in training: their evidence is none, 0 for each class.
  public static func silent(features: Int, classes: Int) -> VoterExtractor {
    let logits = ClassificationLoss(classes: classes).logits(classes: classes)
    let network = DenseNetwork(layers: [
      DenseLayer(
        weights: Matrix(rows: features, columns: logits), bias: [Float](repeating: 0, count: logits),
        activation: .identity)
    ])
    return VoterExtractor(
      standardizer: Standardizer(
        means: [Float](repeating: 0, count: features), standardDeviations: [Float](repeating: 1, count: features)),
      members: [.network(Network(network))], classes: classes)
  }

  public var inputWidth: Int { standardizer.means.count }
  public var embeddingWidth: Int { ClassificationLoss(classes: classes).logits(classes: classes) }

  public func embed(_ rows: Matrix) -> Matrix { evidence(Self.inputs(rows, standardizer)) }

  /// Standardised features within ``featureLimit``.
  public static func inputs(_ rows: Matrix, _ standardizer: Standardizer) -> Matrix {
    var inputs = standardizer.apply(to: rows)
    inputs.values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = min(max(values[index], -featureLimit), featureLimit) }
    }
    return inputs
  }

  /// The evidence of rows that are standardised and limited, [n, ``embeddingWidth``].
  private func evidence(_ inputs: Matrix) -> Matrix {
    var sums = [Double](repeating: 0, count: inputs.rows * embeddingWidth)
    for member in members {
      let values = Self.evidence(of: member, inputs, classes: classes).values
      for index in sums.indices { sums[index] += Double(values[index]) }
    }
    return Matrix(
      rows: inputs.rows, columns: embeddingWidth, values: sums.map { Float($0 / Double(members.count)) })
  }

  /// ∂(evidence · weights)/∂rows: the way of a gradient by the evidence back to what the voters read. Trees are constant
  /// almost everywhere, and so is what lies beyond ``featureLimit``: neither has a part in it.
  ///
  /// - Parameters:
  ///   - rows: As for ``embed(_:)``, [n, ``inputWidth``].
  ///   - gradient: ∂ℓ/∂evidence, [n, ``embeddingWidth``].
  /// - Returns: ∂ℓ/∂rows, [n, ``inputWidth``].
  public func pullback(_ rows: Matrix, evidenceGradient gradient: Matrix) -> Matrix {
    let inputs = Self.inputs(rows, standardizer)
    var sum = Matrix(rows: rows.rows, columns: rows.columns)
    for case .network(let network) in members {
      let trace = network.trace(inputs)
      var slopes = gradient
      if classes > 2 {
        // Of log-probabilities: what the gradient says of all classes is taken off by their shares.
        let shares = ClassificationLoss.softmax.probabilities(of: trace.output)
        for row in 0..<slopes.rows {
          let total = (0..<slopes.columns).reduce(Float(0)) { $0 + gradient[row, $1] }
          for column in 0..<slopes.columns { slopes[row, column] -= shares[row, column] * total }
        }
      }
      sum.add(network.pullback(trace, outputGradient: slopes))
    }
    for row in 0..<sum.rows {
      for column in 0..<sum.columns {
        let isWithin = inputs[row, column].magnitude < Self.featureLimit
        sum[row, column] *=
          isWithin ? 1 / (Float(members.count) * standardizer.standardDeviations[column]) : 0
      }
    }
    return sum
  }

  /// Whether some voters are trees, of which there is no gradient.
  public var hasTrees: Bool {
    members.contains { member in
      if case .forest = member { true } else { false }
    }
  }

  private static func evidence(of member: Member, _ inputs: Matrix, classes: Int) -> Matrix {
    switch member {
    case .network(let network):
      let logits = network.infer(inputs)
      return classes == 2 ? logits : ClassificationLoss.softmax.logProbabilities(of: logits)
    case .forest(let forest):
      let shares = forest.logProbabilities(inputs)
      guard classes == 2 else { return shares }
      return Matrix(rows: shares.rows, columns: 1) { output in
        for row in 0..<shares.rows { output[row] = shares[row, 1] - shares[row, 0] }
      }
    }
  }
}

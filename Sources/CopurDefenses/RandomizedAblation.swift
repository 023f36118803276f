public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// A majority vote of a model that sees K agents at a time (Levine and Feizi 2020; CoPur, section 5, "Randomized Ablation").
///
/// Subsets are of all M agents, whoever is missing: a missing agent is like one that was left out, NULL, so it costs the
/// votes of the subsets that it is in, as a lying one does, and no others.
public struct RandomizedAblation: WhiteBoxDefense {
  /// The kind, as scenarios spell it.
  public static let name = "randomized-ablation"
  public let name: String
  public let layout: BlockLayout
  /// The fusion model that was trained on K agents at a time. An attacker differentiates it with all agents in place.
  public let model: FusionModel
  /// The stand-in for a block that is not used, D values.
  public let null: [Float]
  /// Who votes.
  public let subsets: AgentSubsets
  /// The rows of the first layer's weights that are each block's, [d_i, width of the layer's output].
  let blockWeights: [Matrix]
  /// NULL's product with each block's weights.
  private let nullProducts: [[Double]]

  /// - Precondition: `null` and the model's input are as wide as the layout.
  public init(name: String = Self.name, layout: BlockLayout, model: FusionModel, null: [Float], subsets: AgentSubsets) {
    precondition(null.count == layout.totalWidth && model.network.inputWidth == layout.totalWidth)
    self.name = name
    self.layout = layout
    self.model = model
    self.null = null
    self.subsets = subsets
    let weights = model.network.layers[0].weights
    blockWeights = (0..<layout.count).map { block in
      Matrix(
        rows: layout.widths[block], columns: weights.columns,
        values: layout[block].flatMap { Array(weights[row: $0]) })
    }
    nullProducts = (0..<layout.count).map { block in
      (0..<weights.columns).map { column in
        layout[block].reduce(0.0) { $0 + Double(null[$1]) * Double(weights[$1, column]) }
      }
    }
  }

  /// The number of subsets for each class, of each sample.
  public func votes(_ observation: Observation) -> [[Int]] {
    map(observation) { _, products in
      MajorityVote.count(
        model.loss.labels(of: model.network.infer(firstProduct: products)), classes: model.classes)
    }
  }

  public func decide(_ observation: Observation) -> [Decision] { votes(observation).map(MajorityVote.decision) }

  /// The results of a closure for each sample.
  ///
  /// - Parameter body: Takes the sample and every subset's product with the first layer's weights, [subsets, width].
  func map<Result>(_ observation: Observation, _ body: (Int, Matrix) -> Result) -> [Result] {
    // A subset's product is that of NULL alone, plus what each of its agents changes about it.
    let products = blockWeights.enumerated().map { block, weights in
      Matrix.saturatingProduct(observation.embeddings.columns(layout[block]), weights)
    }
    return (0..<observation.samples).map { sample in
      let changes = products.indices.map { block in
        observation.isObserved(block: block, of: sample)
          ? zip(products[block][row: sample], nullProducts[block]).map { Double($0) - $1 } : nil
      }
      return body(sample, firstProducts(changes))
    }
  }

  /// The first layer's product of every subset, [subsets, width].
  ///
  /// - Parameter changes: What each agent's block changes about NULL's product; nil for a missing one.
  private func firstProducts(_ changes: [[Double]?]) -> Matrix {
    let width = blockWeights[0].columns
    let base = (0..<width).map { column in nullProducts.reduce(0) { $0 + $1[column] } }
    let limit = Double(Float.greatestFiniteMagnitude)
    var sum = base
    return Matrix(rows: subsets.members.count, columns: width) { output in
      for (row, members) in subsets.members.enumerated() {
        for column in 0..<width { sum[column] = base[column] }
        for member in members {
          guard let change = changes[member] else { continue }
          for column in 0..<width { sum[column] += change[column] }
        }
        for column in 0..<width { output[row * width + column] = Float(min(max(sum[column], -limit), limit)) }
      }
    }
  }
}

extension RandomizedAblation {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        RandomizedAblation.name,
        "A majority vote of a model that sees a few agents at a time; its votes are counted for a certificate.",
        as: { $0 as any DefenseKind },
        initial: { context in
          Settings(
            training: AblationTrainingSettings(
              keep: AblationTrainingSettings.defaultKeep(agents: context.agents.count)))
        })
    }
    public static var settings: [Setting<Settings>] {
      AblationTrainingSettings.viewSettings.map { $0.at(\.trained) } + [
        .integer(
          "draws", \.draws, 1...SmoothingSettings.drawLimit,
          "how many subsets of agents vote, where there are over 10000 of them")
      ] + AblationTrainingSettings.trainingSettings.map { $0.at(\.trained) }
    }
    public var kind: String { RandomizedAblation.name }
    public var training: FusionTraining? { .ablation(settings: trained) }
    public var hasCertificates: Bool { true }

    /// The training of its model, with K and NULL.
    public var trained: AblationTrainingSettings
    /// The number of subsets that vote where there are too many to ask all; at least 1.
    public var draws: Int

    /// - Parameter draws: How many subsets of agents vote; at least 1.
    public init(training: AblationTrainingSettings, draws: Int = 1000) {
      trained = training
      self.draws = draws
    }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      guard trained.keep <= context.agents.count else {
        throw SettingError("expected at most \(context.agents.count) (actual: \(trained.keep))", at: "keep")
      }
    }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      let (further, layout) = (try furtherModel(named: name, in: bundle), bundle.roster.layout)
      var generator = SeededGenerator(seed: bundle.manifest.seed, purpose: "randomized ablation")
      return RandomizedAblation(
        name: name, layout: layout, model: further.model,
        null: further.null ?? [Float](repeating: 0, count: layout.totalWidth),
        subsets: AgentSubsets(agents: layout.count, keep: trained.keep, draws: draws, using: &generator))
    }
  }
}

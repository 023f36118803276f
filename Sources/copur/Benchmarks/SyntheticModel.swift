import CopurCore
import CopurNumerics
import CopurScenarios

/// Data and a model of any size without a data set: what agents see are two common factors and noise.
struct SyntheticModel {
  /// How many raw features an agent has.
  private static let features = 8
  /// How many rows the model is trained on, and how many agents send, again and again.
  private static let rows = 512

  let agents: Int
  /// The width of an agent's embedding.
  let dim: Int
  let seed: UInt64

  /// The agents' names, in the model's order.
  var names: [String] { (1...agents).map { "agent-\($0)" } }

  /// Two classes by the sign of the first factor; each agent has its own mixture of the factors.
  func dataset() throws -> Dataset {
    let roster = try AgentRoster(
      agents: try names.map { try AgentID($0) }, widths: [Int](repeating: Self.features, count: agents))
    let width = roster.layout.totalWidth
    var generator = SeededGenerator(seed: seed, purpose: "synthetic data")
    let factors = generator.normalMatrix(rows: 2 * Self.rows, columns: 2)
    var features = Matrix.product(factors, generator.normalMatrix(rows: 2, columns: width))
    features.add(generator.normalMatrix(rows: 2 * Self.rows, columns: width), scale: 0.1)
    let labels = (0..<factors.rows).map { factors[$0, 0] > 0 ? 1 : 0 }
    let all = LabelledRows(features: features, labels: labels)
    return Dataset(
      name: "synthetic", roster: roster, featureNames: (0..<width).map { "feature \($0)" },
      classNames: ["negative", "positive"], train: all.selecting(0..<Self.rows),
      test: all.selecting(Self.rows..<2 * Self.rows), digest: "synthetic \(agents) \(seed)")
  }

  /// Trains a bundle as scenarios do, with fewer epochs: the networks are as large as the paper's.
  func bundle() async throws -> ModelBundle {
    var training = TrainingSettings(embedding: dim)
    training.epochs = 5
    training.fusion.epochs = 5
    return try await BundleTrainer(
      name: "synthetic", training: training, manifold: ManifoldSettings(kind: .autoencoder, code: 2, epochs: 40),
      source: .object([:])
    ).train(on: try dataset(), seed: seed)
  }

  /// The embeddings that an agent sends, [rows, dim].
  func embeddings(of agent: Int, by bundle: ModelBundle) throws -> Matrix {
    let dataset = try dataset()
    return bundle.extractors[agent].embed(dataset.test.features.columns(dataset.roster.layout[agent]))
  }
}

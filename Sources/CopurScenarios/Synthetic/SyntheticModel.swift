public import CopurCore
internal import CopurLearning
public import CopurNumerics
internal import CopurPurification

/// A model of any size without a data set, for measurements: what agents see are two common factors and noise, and the
/// manifold of their embeddings is known.
///
/// Extractors and fusion models have random weights; they cost what trained ones cost.
public struct SyntheticModel: Sendable {
  /// The number of raw features of an agent.
  private static let features = 8
  /// The number of rows that gate and manifold are fitted to, and of others that agents send.
  private static let rows = 512
  private static let noise: Float = 0.1

  /// M, at least 1.
  public let agents: Int
  /// The width of an agent's embedding.
  public let dim: Int
  /// The kind of the bundle's manifold: one that is linear is known, and others are learned, of dimension 2.
  public let manifold: any ManifoldKind
  /// Gives factors, noise and weights.
  public let seed: UInt64

  /// - Parameters:
  ///   - agents: At least 1.
  ///   - dim: At least 1; a linear manifold needs 2 columns in all.
  public init(agents: Int, dim: Int, manifold: some ManifoldKind, seed: UInt64) {
    self.agents = agents
    self.dim = dim
    self.manifold = manifold
    self.seed = seed
  }

  /// The agents' names, in the model's order.
  public var names: [String] { (1...agents).map { "agent-\($0)" } }

  /// The embeddings that some of the agents send, [512, dim] each: all agents' take gigabytes where there are thousands.
  public func embeddings(of agents: Range<Int>, by bundle: ModelBundle) throws -> [Matrix] {
    let data = SyntheticData(
      agents: self.agents, features: Self.features, rows: Self.rows, noise: Self.noise, seed: seed)
    let rows = data.rows("sent")
    return try agents.map { try bundle.extractors[$0].embed(rows.columns(data.layout[$0])) }
  }

  /// Builds the bundle.
  ///
  /// - Throws: `NumericsError` if the autoencoder's training diverges; ``CopurError`` if the sizes are none.
  public func bundle() throws -> ModelBundle {
    let data = SyntheticData(agents: agents, features: Self.features, rows: Self.rows, noise: Self.noise, seed: seed)
    var generator = SeededGenerator(seed: seed, purpose: "synthetic model")
    let means = [Float](repeating: 0, count: Self.features)
    let extractors = (0..<agents).map { _ in
      NetworkExtractor(
        standardizer: Standardizer(means: means, standardDeviations: means.map { _ in 1 }),
        network: DenseNetwork(widths: [Self.features, dim], hidden: .identity, using: &generator))
    }
    let layout = BlockLayout(widths: [Int](repeating: dim, count: agents))
    let embeddings = try extractors.embed(data.rows("fitted"), layout: data.layout)
    let profiles = try EmbeddingProfile.fitting(embeddings, layout: layout)
    let gateLimits = zip(profiles, 0..<agents).map { profile, agent in
      1.5 * ((0..<embeddings.rows).map { profile.score(embeddings[row: $0][columns: layout[agent]]) }.max() ?? 1)
    }
    let fitted = try fittedManifold(layout, extractors, data, embeddings)
    let residualLimits = [Float](repeating: fitted.blockScale, count: agents)
    func fusionModel() -> FusionModel {
      FusionModel(
        network: DenseNetwork(widths: [layout.totalWidth, 16, 1], hidden: .leakyReLU(slope: 0.9), using: &generator),
        classes: 2)
    }
    let manifest = BundleManifest(
      name: "synthetic",
      agents: try names.map { .init(name: try AgentID($0), features: Self.features, embedding: dim) },
      classes: ["negative", "positive"], seed: seed, candidates: [], leverage: [],
      calibration: CalibrationRecord(falseAlarmRate: 0.01, rows: 0, reconstruction: nil),
      settings: .object([:]), dataset: .object([:]), datasetDigest: "synthetic")
    return try ModelBundle(
      manifest: manifest, extractors: extractors, manifold: fitted, jointModel: fusionModel(),
      purifiedModel: fusionModel(),
      calibration: Calibration(
        profiles: profiles, gateLimits: gateLimits, residualLimits: residualLimits, gatedResidualLimits: residualLimits)
    )
  }

  private func fittedManifold(
    _ layout: BlockLayout, _ extractors: [NetworkExtractor], _ data: SyntheticData, _ embeddings: Matrix
  ) throws -> any Manifold {
    guard manifold is LinearManifold.Settings else {
      return try manifold.learn(
        embeddings, layout: layout, code: 2, batch: TrainingSettings().batch, seed: seed, report: { _, _, _ in })
    }
    // Extractors are affine, so embeddings of the factors alone span the manifold.
    let origin = Matrix(rows: 1, columns: data.layout.totalWidth)
    let offset = try extractors.embed(origin, layout: data.layout).values
    var directions = try extractors.embed(data.mixture, layout: data.layout)
    directions.addToEachRow(offset.map { -$0 })
    return LinearManifold(
      layout: layout, offset: offset, directions: directions.orthonormalRows,
      blockScale: Float(dim).squareRoot())
  }
}

/// Rows of which every agent sees its own mixture of two factors.
private struct SyntheticData {
  let layout: BlockLayout
  /// The features that a factor of 1 adds, [2, D].
  let mixture: Matrix
  private let count: Int
  private let noise: Float
  private let seed: UInt64

  init(agents: Int, features: Int, rows: Int, noise: Float, seed: UInt64) {
    layout = BlockLayout(widths: [Int](repeating: features, count: agents))
    var generator = SeededGenerator(seed: seed, purpose: "synthetic mixture")
    mixture = generator.normalMatrix(rows: 2, columns: layout.totalWidth)
    (count, self.noise, self.seed) = (rows, noise, seed)
  }

  /// Features of all agents, [n, D].
  func rows(_ purpose: String) -> Matrix {
    var generator = SeededGenerator(seed: seed, purpose: "synthetic rows \(purpose)")
    var features = Matrix.product(generator.normalMatrix(rows: count, columns: 2), mixture)
    features.add(generator.normalMatrix(rows: count, columns: layout.totalWidth), scale: noise)
    return features
  }
}

extension Matrix {
  /// The rows made orthonormal one after the other (Gram and Schmidt).
  fileprivate var orthonormalRows: Matrix {
    var rows: [[Float]] = []
    for row in 0..<self.rows {
      var direction = Array(self[row: row])
      for earlier in rows {
        let share = zip(direction, earlier).reduce(0) { $0 + $1.0 * $1.1 }
        direction = zip(direction, earlier).map { $0 - share * $1 }
      }
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(direction.map { $0 / norm })
    }
    return Matrix(rows)
  }
}

extension ArraySlice<Float> {
  /// A block of a row.
  fileprivate subscript(columns columns: Range<Int>) -> ArraySlice<Float> {
    self[startIndex + columns.lowerBound..<startIndex + columns.upperBound]
  }
}

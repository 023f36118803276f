/// How the manifold of clean embeddings is learned: the `manifold:` section of a scenario, also kept in a bundle.
///
/// The defaults of an autoencoder are the paper's (CoPur, supplement, section C), but for the code, whose dimension is
/// chosen from the training rows: it is what buys robustness.
public struct ManifoldSettings: Hashable, Sendable, Codable {
  /// What the manifold is.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A linear subspace of the embeddings.
    case linear
    /// Four dense layers, the code in the middle.
    case autoencoder
  }

  /// What the manifold is.
  public var kind: Kind
  /// r, the dimension of the code, at least 1; nil to choose it from the training rows.
  public var code: Int?
  /// The width of an autoencoder's hidden layers; at least 1.
  public var hidden: Int
  /// The slope of an autoencoder's leaky ReLU below 0, from 0 to 1.
  public var slope: Float
  /// Passes over the training rows; at least 1. For an autoencoder only.
  public var epochs: Int
  /// The optimiser's step size, over 0. For an autoencoder only.
  public var learningRate: Float

  /// The defaults of a scenario that says nothing else.
  public init(
    kind: Kind = .linear, code: Int? = nil, hidden: Int = 200, slope: Float = 0.8, epochs: Int = 400,
    learningRate: Float = 0.001
  ) {
    self.kind = kind
    self.code = code
    self.hidden = hidden
    self.slope = slope
    self.epochs = epochs
    self.learningRate = learningRate
  }

  private enum CodingKeys: String, CodingKey {
    case kind, code, hidden, slope, epochs
    case learningRate = "learning_rate"
  }
}

extension ManifoldSettings: CopurCore.Kind {
  /// The keys of an autoencoder alone.
  public static let autoencoderKeys = ["hidden", "slope", "epochs", "learning_rate"]

  public static var settings: [Setting<ManifoldSettings>] {
    [
      .choice("kind", \.kind, of: "a manifold's kind", "a subspace, or four dense layers with the code in the middle"),
      Setting(
        SettingDescription(
          "code", .choiceOrInteger(of: "a code", ["auto"], 1...1 << 20),
          "the manifold's dimension, or `auto` to choose it on held-out training rows")
      ) {
        $0.code.map(SettingValue.integer) ?? .text("auto")
      } write: {
        if case .integer(let code) = $1 { $0.code = code } else { $0.code = nil }
      },
      .integer("hidden", \.hidden, 1...1 << 20, "the width of an autoencoder's hidden layers"),
      .number("slope", \.slope, .fraction, "the slope of an autoencoder's leaky ReLU below 0"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes of an autoencoder over the training rows"),
      .number("learning_rate", \.learningRate, .positive, "the step size of an autoencoder's optimiser"),
    ]
  }

  /// Checks what depends on the width of all agents' embeddings.
  ///
  /// - Parameters:
  ///   - embeddingWidth: D, which no code is as wide as; nil where models that say it are not read yet.
  ///   - keys: Those that were given.
  public func validate(embeddingWidth: Int?, given keys: Set<String>) throws(SettingError) {
    guard let embeddingWidth else { return }
    guard code ?? 0 < embeddingWidth else {
      throw SettingError(
        "a code is narrower than the embedding of all agents (\(embeddingWidth)) (actual: \(code ?? 0))", at: "code")
    }
    guard kind == .autoencoder else { return }
    let limit = TrainingSettings.weightLimit
    guard max(embeddingWidth, code ?? 0).multipliedReportingOverflow(by: hidden).partialValue <= limit else {
      throw SettingError(
        "the embedding of all agents × hidden, an autoencoder's weights, is at most \(limit) (actual: \(embeddingWidth) × "
          + "\(hidden))", at: keys.contains("hidden") ? "hidden" : nil)
    }
  }
}

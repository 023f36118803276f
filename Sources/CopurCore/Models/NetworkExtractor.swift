public import CopurLearning
public import CopurNumerics

/// A feature extractor that standardises raw features and applies a dense network.
public struct NetworkExtractor: FeatureExtractor, Hashable {
  /// Statistics of the agent's training rows.
  public let standardizer: Standardizer
  /// From standardised features to the embedding.
  public let network: DenseNetwork

  /// - Precondition: The network takes as many features as the standardizer gives.
  public init(standardizer: Standardizer, network: DenseNetwork) {
    precondition(standardizer.means.count == network.inputWidth)
    self.standardizer = standardizer
    self.network = network
  }

  public var inputWidth: Int { network.inputWidth }
  public var embeddingWidth: Int { network.outputWidth }

  public func embed(_ rows: Matrix) -> Matrix { network.infer(standardizer.apply(to: rows)) }
}

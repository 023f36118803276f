public import CopurLearning
public import CopurNumerics

/// A feature extractor that standardises raw features and applies a network of any layers.
public struct NetworkExtractor: FeatureExtractor {
  /// Statistics of the agent's training rows.
  public let standardizer: Standardizer
  /// From standardised features to the embedding.
  public let network: Network

  /// - Precondition: The network takes as many features as the standardizer gives.
  public init(standardizer: Standardizer, network: Network) {
    precondition(standardizer.means.count == network.inputWidth)
    self.standardizer = standardizer
    self.network = network
  }

  /// The same with a chain of dense layers.
  public init(standardizer: Standardizer, network: DenseNetwork) {
    self.init(standardizer: standardizer, network: Network(network))
  }

  public var inputWidth: Int { network.inputWidth }
  public var embeddingWidth: Int { network.outputWidth }

  public func embed(_ rows: Matrix) -> Matrix { network.infer(standardizer.apply(to: rows)) }
}

extension NetworkExtractor {
  public static let kind = "network-extractor"

  public init(from reader: PartReader) throws {
    let network = try reader.network()
    self.init(
      standardizer: Standardizer(
        means: try reader.vector("means", count: network.inputWidth),
        standardDeviations: try reader.positives("standard_deviations", count: network.inputWidth)),
      network: network)
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.write(network)
    writer.write(standardizer.means, "means")
    writer.write(standardizer.standardDeviations, "standard_deviations")
  }
}

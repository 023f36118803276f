public import CopurNumerics

/// An extractor that its agent keeps: a fusion center that trained over the network knows its widths and nothing else of it.
public struct AbsentExtractor: FeatureExtractor {
  public let inputWidth: Int
  public let embeddingWidth: Int
  /// Names the training that it is of: extractors of another one say other things.
  public let training: String

  /// - Parameters:
  ///   - inputWidth: How many raw features a row has.
  ///   - embeddingWidth: d_i, how wide an embedding is.
  ///   - training: Names the training that it is of.
  public init(inputWidth: Int, embeddingWidth: Int, training: String) {
    self.inputWidth = inputWidth
    self.embeddingWidth = embeddingWidth
    self.training = training
  }

  /// - Throws: ``CopurError`` of code `.invalidArgument`: ``ModelBundle/checkExtractors()`` is what users of features ask first.
  public func embed(_ rows: Matrix) throws -> Matrix {
    throw CopurError(.invalidArgument, "an extractor that its agent keeps embeds nothing here")
  }
}

extension AbsentExtractor {
  public static let kind = "absent-extractor"

  public init(from reader: PartReader) throws {
    self.init(
      inputWidth: try reader.setting("features", as: Int.self),
      embeddingWidth: try reader.setting("embedding", as: Int.self),
      training: try reader.setting("training", as: String.self))
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.set("features", to: inputWidth)
    try writer.set("embedding", to: embeddingWidth)
    try writer.set("training", to: training)
  }
}

extension ModelBundle {
  /// Whether agents keep their extractors, so that only they can embed rows.
  public var agentsKeepExtractors: Bool { extractors.contains { $0 is AbsentExtractor } }

  /// - Throws: ``CopurError`` of code `.invalidArgument` if agents keep their extractors.
  public func checkExtractors() throws {
    guard agentsKeepExtractors else { return }
    throw CopurError(
      .invalidArgument,
      "the bundle has no extractors: it was trained over the network, and each agent keeps its own (`copur agent` takes the "
        + "folder that the agent's training wrote)")
  }
}

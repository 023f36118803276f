internal import CopurLearning
public import Foundation

/// A model that an agent keeps of a training over the network, all that it needs to serve: its extractor, its columns, and the
/// model that these embeddings belong to.
public struct AgentModel: Sendable {
  /// The agent.
  public let agent: AgentID
  /// The version of the fusion center's bundle.
  public let modelVersion: String
  /// The names of its raw features, in the extractor's order.
  public let columns: [String]
  /// The rule for rows of which the agent says nothing.
  public let silence: SilenceRule
  /// f_θi.
  public let extractor: any FeatureExtractor

  /// The file in an agent's folder that says what it is.
  public static let descriptionFile = "agent.json"
  /// The file in an agent's folder that holds the numbers.
  public static let weightsFile = ModelBundle.weightsFile

  /// - Precondition: A column a feature of the extractor.
  public init(
    agent: AgentID, modelVersion: String, columns: [String], silence: SilenceRule, extractor: any FeatureExtractor
  ) {
    precondition(columns.count == extractor.inputWidth)
    self.agent = agent
    self.modelVersion = modelVersion
    self.columns = columns
    self.silence = silence
    self.extractor = extractor
  }

  private struct Description: Codable {
    static let currentFormat = "copur-agent/1"
    var format = currentFormat
    var agent: AgentID
    var modelVersion: String
    var columns: [String]
    var embedding: Int
    var silent: SilenceRule
    var extractor: BundleManifest.Part
    var weightsDigest: String
  }

  /// Writes the two files into a folder, which is made if it is not there; an older model in it is replaced.
  ///
  /// - Throws: ``CopurError`` that names the folder or the file.
  public func write(to folder: URL) throws {
    var writer = PartWriter()
    try extractor.write(to: &writer)
    var weights = Safetensors()
    for (name, tensor) in writer.tensors { weights.tensors[PartReader.path(Self.part, name)] = tensor }
    let data = weights.encoded()
    let description = Description(
      agent: agent, modelVersion: modelVersion, columns: columns, embedding: extractor.embeddingWidth, silent: silence,
      extractor: BundleManifest.Part(
        name: Self.part, kind: type(of: extractor).kind, settings: writer.settings),
      weightsDigest: SHA256Digest.hexadecimal(of: data))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw CopurError(.cannotCreate, "an agent's model cannot be written to \(folder.path)", cause: error)
    }
    try DurableFile.write(data, to: folder.appending(path: Self.weightsFile))
    try DurableFile.write(encoder.encode(description), to: folder.appending(path: Self.descriptionFile))
  }

  private static let part = "extractor"

  /// Whether a folder holds an agent's model.
  public static func isAgentModel(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: descriptionFile).path)
  }

  /// Reads an agent's model, and checks that nothing in it was changed since it was written.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there, `.invalidData` if its content is not what it says.
  public init(reading folder: URL) throws {
    func read(_ name: String) throws -> Data {
      do {
        return try Data(contentsOf: folder.appending(path: name))
      } catch {
        throw CopurError(
          .missingInput,
          "an agent's model is a folder with \(Self.descriptionFile) and \(Self.weightsFile): "
            + "\(folder.appending(path: name).path) cannot be read")
      }
    }
    let file = folder.appending(path: Self.descriptionFile).path
    let (text, data) = (try read(Self.descriptionFile), try read(Self.weightsFile))
    do {
      let description = try JSONDecoder().decode(Description.self, from: text)
      guard description.format == Description.currentFormat else {
        throw CopurError(
          .invalidData, "the format is \"\(Description.currentFormat)\" (actual: \"\(description.format)\")")
      }
      let digest = SHA256Digest.hexadecimal(of: data)
      guard digest == description.weightsDigest else {
        throw CopurError(
          .invalidData,
          "\(Self.weightsFile) was changed: its SHA-256 is \(digest), not \(description.weightsDigest)")
      }
      guard let kind = BundlePartKinds.known[description.extractor.kind] as? any FeatureExtractor.Type else {
        throw CopurError(.invalidData, "no kind of extractors (actual: \"\(description.extractor.kind)\")")
      }
      let roster = try AgentRoster(agents: [description.agent], widths: [description.embedding])
      let extractor = try kind.init(
        from: PartReader(
          description.extractor, of: roster, classes: 2, weights: Safetensors(decoding: data),
          layers: BundlePartKinds.known.layers))
      guard extractor.embeddingWidth == description.embedding, extractor.inputWidth == description.columns.count else {
        throw CopurError(
          .invalidData,
          "the extractor takes \(description.columns.count) columns to \(description.embedding) numbers (actual: "
            + "\(extractor.inputWidth) to \(extractor.embeddingWidth))")
      }
      self.init(
        agent: description.agent, modelVersion: description.modelVersion, columns: description.columns,
        silence: description.silent, extractor: extractor)
    } catch {
      throw CopurError(.invalidData, "\(file) is no usable agent's model", cause: error)
    }
  }
}

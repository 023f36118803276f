public import CopurLearning
internal import CopurNumerics
public import Foundation

/// Models that were trained elsewhere, as `copur import` keeps them: an extractor an agent and, where there is one, the fusion
/// model that was trained with them. A folder of two files, in the parts of a ``ModelBundle``.
public struct ImportedModels: Sendable {
  /// The agents, in the order in which the fusion model takes their embeddings, and the widths of those.
  public let roster: AgentRoster
  /// An extractor an agent.
  public let extractors: [NetworkExtractor]
  /// From all embeddings to a logit a class, or to one for two classes; nil for one that is trained here.
  public let fusion: DenseNetwork?
  /// SHA-256 (hexadecimal) of the description, which has that of the weights.
  public let digest: String

  /// The file that says what the models are.
  public static let descriptionFile = "models.json"
  /// The file that holds the numbers.
  public static let weightsFile = ModelBundle.weightsFile
  private static let fusionPart = "fusion"

  private let description: Data
  private let weights: Data

  private struct Description: Codable {
    static let currentFormat = "copur-imported/1"
    var format = currentFormat
    var agents: [Agent]
    var fusion: BundleManifest.Part?
    var weightsDigest: String

    struct Agent: Codable {
      var name: AgentID
      var embedding: Int
      var extractor: BundleManifest.Part
    }
  }

  /// - Parameters:
  ///   - agents: At least one, no two of one name, in the order in which the fusion model takes their embeddings.
  ///   - extractors: One an agent.
  ///   - fusion: As wide as all embeddings; nil for one that is trained here.
  /// - Throws: ``CopurError`` of code `.invalidData` if they do not fit together.
  public init(agents: [AgentID], extractors: [NetworkExtractor], fusion: DenseNetwork?) throws {
    var (weights, parts) = (Safetensors(), [BundleManifest.Part]())
    func part(_ name: String, _ kind: String, _ writer: PartWriter) -> BundleManifest.Part {
      for (array, tensor) in writer.tensors { weights.tensors[PartReader.path(name, array)] = tensor }
      return BundleManifest.Part(name: name, kind: kind, settings: writer.settings)
    }
    for (agent, extractor) in zip(agents, extractors) {
      var writer = PartWriter()
      try extractor.write(to: &writer)
      parts.append(part(BundlePartName.extractor(agent), NetworkExtractor.kind, writer))
    }
    let head = try fusion.map { fusion in
      var writer = PartWriter()
      try writer.write(Network(fusion))
      return part(Self.fusionPart, FusionModel.kind, writer)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    let encoded = weights.encoded()
    let description = Description(
      agents: zip(zip(agents, extractors), parts).map {
        .init(name: $0.0, embedding: $0.1.embeddingWidth, extractor: $1)
      },
      fusion: head, weightsDigest: SHA256Digest.hexadecimal(of: encoded))
    try self.init(description: encoder.encode(description), weights: encoded)
  }

  /// Reads the folder that ``write(to:)`` wrote, and checks that nothing in it was changed since.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there, `.invalidData` if its content is not what it says.
  public init(reading folder: URL) throws {
    func read(_ name: String) throws -> Data {
      do {
        return try Data(contentsOf: folder.appending(path: name))
      } catch {
        throw CopurError(
          .missingInput,
          "imported models are a folder with \(Self.descriptionFile) and \(Self.weightsFile), as `copur import` writes it: "
            + "\(folder.appending(path: name).relativePath) cannot be read")
      }
    }
    let (description, weights) = (try read(Self.descriptionFile), try read(Self.weightsFile))
    do {
      try self.init(description: description, weights: weights)
    } catch {
      throw CopurError(
        .invalidData, "\(folder.appending(path: Self.descriptionFile).relativePath) says no usable models", cause: error
      )
    }
  }

  private init(description data: Data, weights: Data) throws {
    let description = try JSONDecoder().decode(Description.self, from: data)
    guard description.format == Description.currentFormat else {
      throw CopurError(
        .invalidData, "the format is \"\(Description.currentFormat)\" (actual: \"\(description.format)\")")
    }
    let digest = SHA256Digest.hexadecimal(of: weights)
    guard digest == description.weightsDigest else {
      throw CopurError(
        .invalidData, "\(Self.weightsFile) was changed: its SHA-256 is \(digest), not \(description.weightsDigest)")
    }
    let arrays = try Safetensors(decoding: weights)
    let roster = try AgentRoster(
      agents: description.agents.map(\.name), widths: description.agents.map(\.embedding))
    func reader(_ part: BundleManifest.Part) -> PartReader {
      PartReader(part, of: roster, classes: 2, weights: arrays, layers: .builtIn)
    }
    extractors = try description.agents.map { agent in
      let extractor = try NetworkExtractor(from: reader(agent.extractor))
      guard extractor.embeddingWidth == agent.embedding else {
        throw CopurError(
          .invalidData,
          "the extractor of \"\(agent.name)\" gives \(agent.embedding) values (actual: \(extractor.embeddingWidth))")
      }
      return extractor
    }
    fusion = try description.fusion.map { try reader($0).denseNetwork() }
    guard fusion.map({ $0.inputWidth == roster.layout.totalWidth }) ?? true else {
      throw CopurError(
        .invalidData,
        "the fusion model takes the embeddings of all agents, \(roster.layout.totalWidth) values (actual: "
          + "\(fusion?.inputWidth ?? 0))")
    }
    self.roster = roster
    self.digest = SHA256Digest.hexadecimal(of: data)
    (self.description, self.weights) = (data, weights)
  }

  /// Writes the two files into a folder, which is made if it is not there; older imported models in it are replaced.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` that names the folder.
  public func write(to folder: URL) throws {
    try ReplacedFolder.write(
      [(Self.weightsFile, weights), (Self.descriptionFile, description)], to: folder, of: "imported models")
  }
}

public import CopurCore
public import CopurLearning
public import Foundation

/// A statement of models that were trained elsewhere: which file has which agent's extractor, and what its layers are.
///
/// ```yaml
/// agents:
///   vibration: { file: model.safetensors, prefix: extractors.vibration, layers: [linear, relu, linear] }
///   heat: { file: heat.onnx }
/// fusion: { file: model.safetensors, prefix: fusion, layers: [linear] }
/// ```
public struct ModelImport: Sendable {
  /// The place of a network.
  public struct Entry: Hashable, Sendable {
    /// The format of a file.
    public enum Format: Hashable, Sendable {
      /// ONNX, which states its layers itself.
      case onnx
      /// Safetensors, whose layers are stated.
      case safetensors(SequentialImport)
    }

    /// The file.
    public var file: URL
    /// Its format.
    public var format: Format
  }

  /// The file of the statement.
  public let file: String
  /// The agents, in the order in which the fusion model takes their embeddings.
  public let agents: [(agent: AgentID, entry: Entry)]
  /// The fusion model; nil for one that is trained here.
  public let fusion: Entry?

  /// The largest file of a model, in bytes: the weights that a network may have, of eight bytes each.
  static let fileLimit = Architecture.parameterLimit * 8 + 1 << 24

  /// Reads the statement.
  ///
  /// - Parameter path: The file; those that it names lie beside it, or have an absolute path.
  /// - Throws: ``CopurError``: `.configuration`, with file, line, column and a caret, if a value breaks a rule;
  ///   `.missingInput` if it cannot be read.
  public init(reading path: String) throws {
    do {
      let document = try ScenarioDocument(contentsOf: path, what: "an import")
      self = try ModelImport(parsing: document, beside: URL(filePath: path).deletingLastPathComponent())
    } catch let error as ScenarioError {
      throw error.asCopurError
    }
  }

  init(file: String, agents: [(agent: AgentID, entry: Entry)], fusion: Entry?) {
    (self.file, self.agents, self.fusion) = (file, agents, fusion)
  }

  /// The models.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file cannot be read, `.invalidData` if it is no network that there are
  ///   layers for, or networks do not fit together.
  public func models() throws -> ImportedModels {
    let files = ModelFiles()
    let extractors = try agents.map { agent, entry in
      let imported = try files.network(entry, of: "agent \"\(agent)\"")
      return NetworkExtractor(
        standardizer: Standardizer(means: imported.means, standardDeviations: imported.standardDeviations),
        network: imported.network)
    }
    let fusion = try fusion.map { entry in
      let imported = try files.network(entry, of: "the fusion model")
      guard let dense = imported.network.dense, imported.means.allSatisfy({ $0 == 0 }),
        imported.standardDeviations.allSatisfy({ $0 == 1 })
      else {
        throw CopurError(
          .invalidData,
          "\(entry.file.relativePath): a fusion model has linear layers with relu, leaky_relu or nothing between them, whose "
            + "defences and attacks differentiate")
      }
      return dense
    }
    return try ImportedModels(agents: agents.map(\.agent), extractors: extractors, fusion: fusion)
  }
}

/// The files of models, each read once.
private final class ModelFiles {
  private var arrays: [URL: Safetensors] = [:]

  func network(_ entry: ModelImport.Entry, of what: String) throws -> ImportedNetwork {
    do {
      switch entry.format {
      case .onnx:
        let folder = entry.file.deletingLastPathComponent()
        return try ONNXImport.network(read(entry.file)) { try self.read(folder.appending(path: $0)) }
      case .safetensors(let layers):
        if arrays[entry.file] == nil { arrays[entry.file] = try Safetensors(importing: read(entry.file)) }
        return try layers.network(arrays[entry.file] ?? Safetensors())
      }
    } catch let error as CopurError {
      throw error
    } catch {
      throw CopurError(.invalidData, "\(entry.file.relativePath) has no usable network for \(what)", cause: error)
    }
  }

  private func read(_ file: URL) throws -> Data {
    do {
      let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
      guard size <= ModelImport.fileLimit else {
        throw CopurError(
          .invalidData,
          "\(file.relativePath): a model's file has at most \(ModelImport.fileLimit) bytes (actual: \(size))")
      }
      return try Data(contentsOf: file, options: .mappedIfSafe)
    } catch let error as CopurError {
      throw error
    } catch {
      throw CopurError(.missingInput, "\(file.relativePath): the model cannot be read", cause: error)
    }
  }
}

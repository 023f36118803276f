package import CopurLearning
package import Foundation

extension ModelBundle {
  /// The manifest's record of each part, by name, and the arrays of all of them.
  func written() throws -> (records: [BundleManifest.Part], weights: Safetensors) {
    var records: [BundleManifest.Part] = []
    var weights = Safetensors()
    for named in parts {
      var writer = PartWriter()
      do {
        try named.part.write(to: &writer)
      } catch {
        throw CopurError(.invalidData, "part \"\(named.name)\" cannot be written", cause: error)
      }
      records.append(
        BundleManifest.Part(name: named.name, kind: type(of: named.part).kind, settings: writer.settings))
      for (name, tensor) in writer.tensors {
        let path = PartReader.path(named.name, name)
        // Points may be in names of parts, layers and parameters, so that two paths can meet.
        guard weights.tensors.updateValue(tensor, forKey: path) == nil else {
          throw CopurError(.invalidData, "no two parts write one array (actual: \"\(path)\" twice)")
        }
      }
    }
    return (records.sorted { $0.name < $1.name }, weights)
  }

  /// Builds a bundle from what its two files say, without a look at their digests.
  ///
  /// - Parameters:
  ///   - description: The text of the manifest, of any format that is read.
  ///   - weights: The content of the weights file.
  /// - Throws: ``CopurError`` of code `.invalidData` that names what is missing or breaks its rule; `DecodingError`.
  package init(description: Data, weights: Safetensors, kinds: BundlePartKinds = .known) throws {
    try self.init(BundleFormat(description), weights: weights, kinds: kinds)
  }

  /// Builds a bundle from a manifest and its arrays.
  init(_ format: BundleFormat, weights: Safetensors, kinds: BundlePartKinds) throws {
    let (manifest, weights) = try format.upgraded(weights)
    guard manifest.classes.count >= 2 else {
      throw CopurError(.invalidData, "a bundle has at least 2 classes (actual: \(manifest.classes.count))")
    }
    let roster = try AgentRoster(agents: manifest.agents.map(\.name), widths: manifest.agents.map(\.embedding))
    let parts = try manifest.parts.map { record in
      guard let kind = kinds[record.kind] else {
        throw CopurError(
          .invalidData,
          "a part's kind is one of \(kinds.names.joined(separator: ", ")) (\"\(record.name)\": \"\(record.kind)\")")
      }
      return NamedPart(
        record.name,
        try kind.init(
          from: PartReader(record, of: roster, classes: manifest.classes.count, weights: weights, layers: kinds.layers))
      )
    }
    try self.init(manifest: manifest, parts: parts)
    // The name that others know the content by, whatever format it was read from.
    self.manifest.modelVersion = format.modelVersion
  }
}

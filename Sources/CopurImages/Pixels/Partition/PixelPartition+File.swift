internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
public import Foundation

/// A partition as a safetensors file: `submodel-0.0.weight`, `submodel-0.0.bias` and so on, submodel by submodel and layer by
/// layer, weights [outputs, inputs], and the rest as JSON under the metadata's `partition`.
extension PixelPartition {
  private struct Plan: Codable {
    /// The version of this form.
    var format = 1
    var shape: ImageShape
    var classes: Int
    var parts: [PixelPart]
    var sharpness: Float
    /// The number of layers of each submodel.
    var layers: Int
  }

  /// The most layers of a submodel that are read.
  private static let layerLimit = 64

  /// The file's bytes.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let plan = Plan(
      shape: shape, classes: classes, parts: parts, sharpness: sharpness, layers: submodels[0].weights.count)
    var file = Safetensors(metadata: ["partition": String(decoding: try encoder.encode(plan), as: UTF8.self)])
    for (index, submodel) in submodels.enumerated() {
      for layer in submodel.weights.indices {
        file.tensors["submodel-\(index).\(layer).weight"] = .init(submodel.weights[layer])
        file.tensors["submodel-\(index).\(layer).bias"] = .init(submodel.biases[layer])
      }
    }
    return file.encoded()
  }

  /// Writes the partition, whole or not at all.
  ///
  /// - Throws: ``CopurError`` of code `.io` if the file cannot be written.
  public func save(to file: URL) throws { try DurableFile.write(encoded(), to: file, permissions: 0o644) }

  /// Reads a partition.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` if it is no partition.
  public init(reading file: URL) throws {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw CopurError(.missingInput, "\(file.path): a partition's file that can be read", cause: error)
    }
    do {
      try self.init(decoding: data)
    } catch {
      throw CopurError(.invalidData, "\(file.path): a partition of pixels", cause: error)
    }
  }

  /// Reads a partition's bytes.
  ///
  /// - Throws: An error that says the rule and the value if they are no partition.
  public init(decoding data: Data) throws {
    let file = try Safetensors(decoding: data)
    guard let text = file.metadata["partition"] else {
      throw CopurError(.invalidData, "metadata of the name \"partition\"")
    }
    let plan = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
    guard plan.format == 1 else { throw CopurError(.invalidData, "format 1 (actual: \(plan.format))") }
    guard (1...Self.layerLimit).contains(plan.layers) else {
      throw CopurError(.invalidData, "submodels have 1 to \(Self.layerLimit) layers (actual: \(plan.layers))")
    }
    try Self.check(shape: plan.shape, classes: plan.classes, parts: plan.parts, sharpness: plan.sharpness)
    let submodels = try plan.parts.enumerated().map { index, part in
      var inputs = part.pixels.count * plan.shape.channels
      var submodel = Submodel(weights: [], biases: [])
      for layer in 0..<plan.layers {
        let name = "submodel-\(index).\(layer)"
        guard let weight = file.tensors["\(name).weight"], let bias = file.tensors["\(name).bias"],
          weight.shape.count == 2, weight.shape[1] == inputs, bias.shape == [weight.shape[0]], weight.shape[0] >= 1,
          weight.values.allSatisfy(\.isFinite), bias.values.allSatisfy(\.isFinite)
        else {
          throw CopurError(
            .invalidData, "\"\(name)\" has a weight of \(inputs) columns and a bias a row, all finite numbers")
        }
        inputs = weight.shape[0]
        submodel.weights.append(Matrix(rows: inputs, columns: weight.shape[1], values: weight.values))
        submodel.biases.append(bias.values)
      }
      guard inputs == plan.classes else {
        throw CopurError(.invalidData, "submodel \(index) has \(plan.classes) logits (actual: \(inputs))")
      }
      return submodel
    }
    try self.init(
      shape: plan.shape, classes: plan.classes, parts: plan.parts, sharpness: plan.sharpness, submodels: submodels)
  }
}

public import CopurLearning
public import CopurNumerics
internal import Foundation

/// Gives a part of a bundle what it wrote, each array checked for its shape and for numbers that are not finite.
public struct PartReader {
  /// The part's name.
  public let name: String
  /// The bundle's agents, and the widths of their embeddings.
  public let roster: AgentRoster
  /// The number of classes that the bundle's models tell apart, at least 2.
  public let classes: Int
  private let settings: [String: JSONValue]
  private let weights: Safetensors
  private let layers: LayerKinds

  init(
    _ record: BundleManifest.Part, of roster: AgentRoster, classes: Int, weights: Safetensors, layers: LayerKinds
  ) {
    name = record.name
    settings = record.settings
    self.roster = roster
    self.classes = classes
    self.weights = weights
    self.layers = layers
  }

  /// An array's name in the weights file.
  static func path(_ part: String, _ name: String) -> String { "\(part).\(name)" }

  /// An array of any shape.
  public func tensor(_ name: String) throws -> Safetensors.Tensor {
    let path = Self.path(self.name, name)
    guard let tensor = weights.tensors[path] else {
      throw CopurError(.invalidData, "the weights hold an array \"\(path)\" (it is missing)")
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      throw CopurError(.invalidData, "weights are finite (\"\(path)\" holds NaN or infinity)")
    }
    return tensor
  }

  /// An array of one dimension.
  public func vector(_ name: String, count: Int) throws -> [Float] {
    let tensor = try tensor(name)
    guard tensor.shape == [count] else {
      throw CopurError(
        .invalidData, "\"\(Self.path(self.name, name))\" has the shape [\(count)] (actual: \(tensor.shape))")
    }
    return tensor.values
  }

  /// An array of one dimension whose numbers are over 0.
  public func positives(_ name: String, count: Int) throws -> [Float] {
    let values = try vector(name, count: count)
    guard values.allSatisfy({ $0 > 0 }) else {
      throw CopurError(
        .invalidData, "\"\(Self.path(self.name, name))\" holds numbers above 0 (actual: \(values.min() ?? 0))")
    }
    return values
  }

  /// An array of two dimensions, both at least 1; nil for a number of rows or columns that may be any.
  public func matrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix {
    let tensor = try tensor(name)
    guard tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] > 0, rows == nil || tensor.shape[0] == rows,
      columns == nil || tensor.shape[1] == columns
    else {
      let wanted = [rows, columns].map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      throw CopurError(
        .invalidData, "\"\(Self.path(self.name, name))\" has the shape [\(wanted)] (actual: \(tensor.shape))")
    }
    return Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.values)
  }

  /// A setting that may be left out; nil if it is.
  public func optionalSetting<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
    settings[name] == nil ? nil : try setting(name, as: type)
  }

  /// A setting.
  public func setting<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    guard let value = settings[name] else {
      throw CopurError(.invalidData, "part \"\(self.name)\" has a setting \"\(name)\" (it is missing)")
    }
    let decoder = JSONDecoder()
    decoder.userInfo[.layerKinds] = layers
    do {
      return try decoder.decode(type, from: JSONEncoder().encode(value))
    } catch {
      throw CopurError(.invalidData, "\"\(name)\" of part \"\(self.name)\" is no usable setting", cause: error)
    }
  }

  /// A network.
  ///
  /// - Parameter name: Its name within the part; nil for the part's only one.
  public func network(_ name: String? = nil) throws -> Network {
    let key = name ?? PartWriter.architecture
    let architecture = try setting(key, as: Architecture.self)
    do {
      return try Network(architecture) { parameter, shape in
        let path = name.map { "\($0).\(parameter)" } ?? parameter
        let tensor = try tensor(path)
        guard tensor.shape == shape else {
          throw CopurError(
            .invalidData, "\"\(Self.path(self.name, path))\" has the shape \(shape) (actual: \(tensor.shape))")
        }
        return tensor.values
      }
    } catch let error as ArchitectureError {
      throw CopurError(.invalidData, "\"\(key)\" of part \"\(self.name)\" is none of a network", cause: error)
    }
  }

  /// A network whose layers are all dense.
  ///
  /// - Parameter name: Its name within the part; nil for the part's only one.
  public func denseNetwork(_ name: String? = nil) throws -> DenseNetwork {
    let network = try network(name)
    guard let dense = network.dense else {
      let kinds = network.architecture.layers.map { type(of: $0.specification).kind }.joined(separator: ", ")
      throw CopurError(.invalidData, "the network of part \"\(self.name)\" has dense layers only (actual: \(kinds))")
    }
    return dense
  }
}

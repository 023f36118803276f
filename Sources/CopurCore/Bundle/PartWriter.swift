public import CopurLearning
public import CopurNumerics

/// Takes what a part of a bundle keeps: arrays for the weights file, settings for the manifest.
public struct PartWriter {
  /// The arrays, by their names within the part.
  private(set) var tensors: [String: Safetensors.Tensor] = [:]
  /// The settings.
  private(set) var settings: [String: JSONValue] = [:]

  /// Writes a vector, [count].
  public mutating func write(_ vector: [Float], _ name: String) { tensors[name] = .init(vector) }

  /// Writes a matrix, [rows, columns].
  public mutating func write(_ matrix: Matrix, _ name: String) { tensors[name] = .init(matrix) }

  /// The setting that says the layers of a part's only network.
  static let architecture = "architecture"

  /// Writes a network: its architecture as a setting, its parameters as arrays.
  ///
  /// - Parameter name: The setting's name, and what the arrays' names begin with: `name.layer.parameter`. Nil for the part's
  ///   only network, whose arrays are `layer.parameter` and whose setting is `architecture`.
  public mutating func write(_ network: Network, _ name: String? = nil) throws {
    try set(name ?? Self.architecture, to: network.architecture)
    for (parameter, tensor) in network.namedParameters {
      tensors[name.map { "\($0).\(parameter)" } ?? parameter] = tensor
    }
  }

  /// Writes a setting.
  ///
  /// - Throws: What encoding it throws.
  public mutating func set(_ name: String, to value: some Encodable) throws {
    settings[name] = try JSONValue(encoding: value)
  }
}

/// A chain of layers whose weights are arrays of a file, as a `torch.nn.Sequential` keeps them: the layers are stated by
/// whoever imports it, and each layer's arrays are `0.weight`, `0.bias` and so on, by its place.
public struct SequentialImport: Hashable, Sendable {
  /// A layer, named as in PyTorch.
  public enum Kind: Hashable, Sendable {
    /// `Linear`.
    case linear
    /// `Conv2d`.
    case convolution(stride: Int, padding: Int)
    /// `BatchNorm1d` or `BatchNorm2d`, in evaluation.
    case batchNormalization(epsilon: Float)
    /// `MaxPool2d` or `AvgPool2d`.
    case pooling(Pooling.Kind, size: Int, stride: Int)
    /// `AdaptiveAvgPool2d(1)`.
    case globalMean
    /// `Flatten`.
    case flatten
    /// A function of each value by itself.
    case activation(ActivationLayer.Function)
    /// `Identity`, or `Dropout` in evaluation.
    case identity
  }

  /// A layer, and what its arrays' names begin with.
  public struct Layer: Hashable, Sendable {
    /// The layer.
    public var kind: Kind
    /// The part of the names before `.weight`; empty for none.
    public var name: String

    /// - Parameter name: The part of the names before `.weight`.
    public init(_ kind: Kind, name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// The input; nil for the width of the first layer, a linear one.
  public var input: ImportedInput?
  /// The layers, first to last; at least one.
  public var layers: [Layer]
  /// The beginning of the names of all arrays, such as `extractors.watch`; empty for none.
  public var prefix: String

  /// - Parameters:
  ///   - input: What goes in; nil for the width of the first layer, a linear one.
  ///   - layers: At least one.
  ///   - prefix: What the names of all arrays begin with; empty for none.
  public init(input: ImportedInput? = nil, layers: [Layer], prefix: String = "") {
    self.input = input
    self.layers = layers
    self.prefix = prefix
  }

  /// The network of a file's arrays.
  ///
  /// - Throws: ``ImportError`` if an array is missing, has another shape, or belongs to no layer.
  public func network(_ file: Safetensors) throws -> ImportedNetwork {
    var left = Set(file.tensors.keys.filter { prefix.isEmpty || $0.hasPrefix(prefix + ".") })
    func path(_ layer: Layer, _ array: String) -> String {
      [prefix, layer.name, array].filter { !$0.isEmpty }.joined(separator: ".")
    }
    func optional(_ layer: Layer, _ array: String) throws -> NetworkImporter.Weights? {
      let path = path(layer, array)
      left.remove(path)
      return try file.tensors[path].map { try NetworkImporter.Weights(path, $0) }
    }
    func weights(_ layer: Layer, _ array: String) throws -> NetworkImporter.Weights {
      guard let weights = try optional(layer, array) else {
        let there = file.tensors.keys.sorted()
        throw ImportError(
          "the file has an array \"\(path(layer, array))\" (actual: "
            + "\(there.prefix(12).joined(separator: ", "))\(there.count > 12 ? ", …" : ""))")
      }
      return weights
    }
    var importer = try NetworkImporter(input: try input ?? width(weights))
    for layer in layers {
      switch layer.kind {
      case .linear: try importer.dense(weights(layer, "weight"), bias: optional(layer, "bias"))
      case .convolution(let stride, let padding):
        try importer.convolution(
          weights(layer, "weight"), bias: optional(layer, "bias"), stride: stride, padding: padding)
      case .batchNormalization(let epsilon):
        try importer.batchNormalization(
          scale: optional(layer, "weight"), shift: optional(layer, "bias"), mean: weights(layer, "running_mean"),
          variance: weights(layer, "running_var"), epsilon: epsilon)
        left.remove(path(layer, "num_batches_tracked"))
      case .pooling(let kind, let size, let stride): try importer.pooling(kind, size: size, stride: stride)
      case .globalMean: try importer.globalMean()
      case .flatten: importer.flatten()
      case .activation(let function): try importer.activation(function)
      case .identity: break
      }
    }
    if let array = left.min() {
      throw ImportError("every array under \"\(prefix)\" belongs to a stated layer (actual: \"\(array)\" to none)")
    }
    return try importer.network()
  }

  private func width(_ weights: (Layer, String) throws -> NetworkImporter.Weights) throws -> ImportedInput {
    guard let first = layers.first(where: { $0.kind != .identity }), first.kind == .linear else {
      throw ImportError("an import states its `input` where the first layer is not linear")
    }
    let array = try weights(first, "weight")
    guard array.shape.count == 2 else {
      throw ImportError("\"\(array.name)\" has the shape [outputs, inputs] (actual: \(array.shape))")
    }
    return .row(array.shape[1])
  }
}

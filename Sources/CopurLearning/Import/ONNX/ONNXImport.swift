public import Foundation

/// A network in ONNX, as PyTorch's `torch.onnx.export` and others write it: a chain of the operators that there are layers
/// for. Anything else is refused by name.
public enum ONNXImport {
  /// The operators that are taken.
  public static let operators = [
    "Add", "AveragePool", "BatchNormalization", "Constant", "Conv", "Div", "Dropout", "Flatten", "Gemm",
    "GlobalAveragePool", "Identity", "LeakyRelu", "MatMul", "MaxPool", "Mul", "Relu", "Reshape", "Sigmoid", "Softplus",
    "Sub", "Tanh",
  ]

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - model: The file's bytes.
  ///   - beside: Gives the content of a file beside the model by its name, for weights that lie there.
  /// - Throws: ``ImportError`` that names the node, the operator or the weights; what `beside` throws.
  public static func network(
    _ model: Data, beside: @escaping (String) throws -> Data
  ) throws -> ImportedNetwork {
    let graph = try ONNXGraph(model, from: ONNXSource(beside: beside))
    guard graph.inputs.count == 1, graph.outputs.count == 1 else {
      throw ImportError(
        "a network has one input and one output (actual: \(graph.inputs.count) and \(graph.outputs.count))")
    }
    var chain = ONNXChain(
      importer: try NetworkImporter(input: try input(graph.inputs[0].shape)), current: graph.inputs[0].name,
      constants: graph.constants)
    for node in graph.nodes { try chain.take(node) }
    guard chain.current == graph.outputs[0] else {
      throw ImportError(
        "a network is a chain of layers to its output (the last gives \"\(chain.current)\", the output is "
          + "\"\(graph.outputs[0])\")")
    }
    return try chain.importer.network()
  }

  /// [n, features], or [n, channels, rows, columns].
  private static func input(_ shape: [Int?]) throws -> ImportedInput {
    let extents = shape.dropFirst().compactMap { $0 }
    switch extents.count {
    case 1 where shape.count == 2 && extents[0] > 0: return .row(extents[0])
    case 3 where shape.count == 4 && extents.allSatisfy { $0 > 0 }:
      return .image(ImageShape(rows: extents[1], columns: extents[2], channels: extents[0]))
    default:
      let actual = shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      throw ImportError(
        "an input is [n, features] or [n, channels, rows, columns] of known extents (actual: [\(actual)])")
    }
  }
}

/// The nodes of a graph, taken one after the other.
private struct ONNXChain {
  var importer: NetworkImporter
  /// The name of what the last node gave.
  var current: String
  var constants: [String: ONNXTensor]

  mutating func take(_ node: ONNXGraph.Node) throws {
    do {
      try checked(node)
    } catch let error as ImportError {
      throw ImportError("node \"\(node.name)\" (\(node.kind)): \(error.description)")
    }
  }

  private mutating func checked(_ node: ONNXGraph.Node) throws {
    guard node.domain.isEmpty || node.domain == "ai.onnx", ONNXImport.operators.contains(node.kind) else {
      throw ImportError(
        "an operator is one of \(ONNXImport.operators.joined(separator: ", ")) (actual: \""
          + "\(node.domain.isEmpty ? "" : node.domain + ".")\(node.kind)\")")
    }
    guard let output = node.outputs.first, !output.isEmpty,
      node.outputs.dropFirst().allSatisfy(\.isEmpty)
        || ["Dropout", "BatchNormalization"].contains(node.kind)
    else { throw ImportError("a node has one output (actual: \(node.outputs))") }
    if node.kind == "Constant" {
      guard constants.updateValue(try node.constant(), forKey: output) == nil else {
        throw ImportError("a value has a name of its own (twice: \"\(output)\")")
      }
      return
    }
    // A constant under another name.
    if node.kind == "Identity", let input = node.inputs.first, let constant = constants[input] {
      constants[output] = constant
      return
    }
    let flows = node.inputs.enumerated().filter { !$0.element.isEmpty && constants[$0.element] == nil }
    guard flows.count == 1, flows[0].element == current else {
      throw ImportError(
        "a network is a chain: a node takes what the one before it gave, and weights (before it: \"\(current)\", it takes: "
          + "\(node.inputs))")
    }
    let isSecond = flows[0].offset == 1
    guard flows[0].offset == 0 || isSecond && ["Add", "Mul"].contains(node.kind) else {
      throw ImportError("what the node before gave is the first operand (actual: \(node.inputs))")
    }
    try apply(node, operand: isSecond ? 0 : 1)
    current = output
  }

  /// - Parameter operand: The place of a sum's or product's constant.
  private mutating func apply(_ node: ONNXGraph.Node, operand: Int) throws {
    switch node.kind {
    case "Gemm":
      for (key, wanted) in [("alpha", Float(1)), ("beta", 1)] where try node.float(key, 1) != wanted {
        throw ImportError("\(key) is 1 (actual: \(try node.float(key, 1)))")
      }
      try node.require("transA", 0, otherwise: 0)
      try importer.dense(
        weights(node, 1), isTransposed: try node.integer("transB", 0) == 0, bias: bias(node, 2))
    case "MatMul": try importer.dense(weights(node, 1), isTransposed: true, bias: nil)
    case "Add":
      let summand = try weights(node, operand)
      if try !importer.add(bias: summand) { try importer.standardize(subtrahend: summand.map { -$0 }) }
    case "Sub": try importer.standardize(subtrahend: weights(node, 1))
    case "Div": try importer.standardize(divisor: weights(node, 1))
    case "Mul": try importer.standardize(divisor: weights(node, operand).map { 1 / $0 })
    case "Conv":
      try node.require("group", 1, otherwise: 1)
      let filters = try weights(node, 1)
      try importer.convolution(
        filters, bias: optional(node, 2), stride: try node.equal("strides", 2, otherwise: 1),
        padding: try node.window(padded: true))
    case "BatchNormalization":
      try node.require("training_mode", 0, otherwise: 0)
      try importer.batchNormalization(
        scale: weights(node, 1), shift: weights(node, 2), mean: weights(node, 3), variance: weights(node, 4),
        epsilon: try node.float("epsilon", 1e-5))
    case "MaxPool", "AveragePool":
      _ = try node.window(padded: false)
      try node.require("ceil_mode", 0, otherwise: 0)
      try importer.pooling(
        node.kind == "MaxPool" ? .maximum : .mean, size: try node.equal("kernel_shape", 2, otherwise: 0),
        stride: try node.equal("strides", 2, otherwise: 1))
    case "GlobalAveragePool": try importer.globalMean()
    case "Flatten":
      try node.require("axis", 1, otherwise: 1)
      importer.flatten()
    case "Reshape": try reshape(node)
    case "Relu": try importer.activation(.piecewiseLinear(.relu))
    case "LeakyRelu": try importer.activation(.piecewiseLinear(.leakyReLU(slope: try node.float("alpha", 0.01))))
    case "Tanh": try importer.activation(.tanh)
    case "Sigmoid": try importer.activation(.logistic)
    case "Softplus": try importer.activation(.softplus)
    case "Identity", "Dropout": break
    default: throw ImportError("no layer for this operator")
    }
  }

  /// To a row, or from a row to a picture of one channel.
  private mutating func reshape(_ node: ONNXGraph.Node) throws {
    guard node.inputs.count > 1, case .integers(let shape)? = constants[node.inputs[1]] else {
      throw ImportError("a shape is a constant (actual: \(node.inputs))")
    }
    if shape.count == 2, [-1, 0, 1].contains(shape[0]), shape[1] == importer.width || shape[1] == -1 && shape[0] != -1 {
      return importer.flatten()
    }
    guard shape.count == 4, shape.dropFirst().allSatisfy({ (1...Architecture.widthLimit).contains($0) }) else {
      throw ImportError(
        "a shape is [n, \(importer.width)], or [n, 1, rows, columns] (actual: \(shape)); in PyTorch, `Flatten` says so")
    }
    try importer.unflatten(ImageShape(rows: shape[2], columns: shape[3], channels: shape[1]))
  }

  private func weights(_ node: ONNXGraph.Node, _ place: Int) throws -> NetworkImporter.Weights {
    guard node.inputs.indices.contains(place), case .numbers(let tensor)? = constants[node.inputs[place]] else {
      throw ImportError("input \(place + 1) is an array of weights (actual: \(node.inputs))")
    }
    return try NetworkImporter.Weights(node.inputs[place], tensor)
  }

  private func optional(_ node: ONNXGraph.Node, _ place: Int) throws -> NetworkImporter.Weights? {
    node.inputs.indices.contains(place) && !node.inputs[place].isEmpty ? try weights(node, place) : nil
  }

  /// A bias that may be given as one row.
  private func bias(_ node: ONNXGraph.Node, _ place: Int) throws -> NetworkImporter.Weights? {
    guard let bias = try optional(node, place) else { return nil }
    guard bias.shape.count == 2, bias.shape[0] == 1 else { return bias }
    return try NetworkImporter.Weights(bias.name, Safetensors.Tensor(bias.values))
  }
}

extension NetworkImporter.Weights {
  /// The same array with each number changed.
  fileprivate func map(_ change: (Float) -> Float) throws -> NetworkImporter.Weights {
    try NetworkImporter.Weights(name, Safetensors.Tensor(shape: shape, values: values.map(change)))
  }
}

internal import Foundation

/// The graph of an ONNX model: what is read of it, by the field numbers of `onnx.proto3`.
struct ONNXGraph {
  /// A step of the computation.
  struct Node {
    /// The attribute of a node.
    enum Attribute {
      case float(Float)
      case integer(Int)
      case integers([Int])
      case floats([Float])
      case text(String)
      case tensor(ONNXTensor)
      case other
    }

    var kind = ""
    var name = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [String: Attribute] = [:]
  }

  /// The steps, in an order in which they can be done.
  private(set) var nodes: [Node] = []
  /// The weights by their names.
  private(set) var constants: [String: ONNXTensor] = [:]
  /// The names of what goes in, besides weights, and the shapes; nil for an extent that is left open.
  private(set) var inputs: [(name: String, shape: [Int?])] = []
  /// The names of what comes out.
  private(set) var outputs: [String] = []

  /// The most nodes and weights.
  private static let limit = 1 << 14

  /// Reads a `ModelProto`.
  ///
  /// - Parameter source: The model's files, for weights that lie beside it.
  /// - Throws: ``ImportError``.
  init(_ model: Data, from source: ONNXSource) throws {
    var graph: Data?
    var version: Int?
    try ProtobufFields.forEach(in: model) { number, value in
      switch number {
      case 7:
        guard graph == nil else { throw ImportError("a model has one graph (actual: two)") }
        graph = try value.bytes("a graph")
      case 8:
        let operators = try Self.operators(value.bytes("a set of operators"))
        if operators.domain.isEmpty || operators.domain == "ai.onnx" { version = operators.version }
      default: break
      }
    }
    guard let graph, let version else {
      throw ImportError("an ONNX model has a graph and the version of its operators (it is missing)")
    }
    // Before version 7 operands were broadcast, and moments kept, in other ways.
    guard version >= 7 else { throw ImportError("the version of ONNX's operators is at least 7 (actual: \(version))") }
    try read(graph, from: source)
  }

  private mutating func read(_ graph: Data, from source: ONNXSource) throws {
    var inputs: [(name: String, shape: [Int?])] = []
    try ProtobufFields.forEach(in: graph) { number, value in
      guard nodes.count < Self.limit, constants.count < Self.limit, inputs.count < Self.limit else {
        throw ImportError("a graph has at most \(Self.limit) nodes, weights and inputs")
      }
      switch number {
      case 1: nodes.append(try Self.node(value.bytes("a node"), from: source))
      case 5:
        let (name, tensor) = try ONNXTensor.read(value.bytes("a tensor"), from: source)
        guard constants.updateValue(tensor, forKey: name) == nil else {
          throw ImportError("weights have a name of their own (twice: \"\(name)\")")
        }
      case 11: inputs.append(try Self.valueInfo(value.bytes("an input")))
      case 12: outputs.append(try Self.valueInfo(value.bytes("an output")).name)
      case 15: throw ImportError("weights are dense arrays (actual: a sparse one)")
      default: break
      }
    }
    // Older models list weights among the inputs.
    self.inputs = inputs.filter { constants[$0.name] == nil }
  }

  private static func operators(_ data: Data) throws -> (domain: String, version: Int) {
    var (domain, version) = ("", 0)
    try ProtobufFields.forEach(in: data) { number, value in
      switch number {
      case 1: domain = try value.text("a domain")
      case 2: version = try value.integer("a version")
      default: break
      }
    }
    return (domain, version)
  }

  private static func node(_ data: Data, from source: ONNXSource) throws -> Node {
    var node = Node()
    try ProtobufFields.forEach(in: data) { number, value in
      switch number {
      case 1: node.inputs.append(try value.text("a node's input"))
      case 2: node.outputs.append(try value.text("a node's output"))
      case 3: node.name = try value.text("a node's name")
      case 4: node.kind = try value.text("an operator")
      case 5:
        let (name, attribute) = try Self.attribute(value.bytes("an attribute"), from: source)
        guard node.attributes.updateValue(attribute, forKey: name) == nil else {
          throw ImportError("an attribute is given once (twice: \"\(name)\")")
        }
      case 7: node.domain = try value.text("a domain")
      default: break
      }
    }
    return node
  }

  private static func attribute(
    _ data: Data, from source: ONNXSource
  ) throws -> (name: String, attribute: Node.Attribute) {
    var (name, type) = ("", 0)
    var (float, integer, text) = (Float(0), 0, "")
    var (integers, floats, tensor) = ([Int](), [Float](), ONNXTensor?.none)
    try ProtobufFields.forEach(in: data) { number, value in
      switch number {
      case 1: name = try value.text("an attribute's name")
      case 2: float = try value.float("an attribute's number")
      case 3: integer = try value.integer("an attribute's number")
      case 4: text = String(decoding: try value.bytes("an attribute's text"), as: UTF8.self)
      case 5: tensor = try ONNXTensor.read(value.bytes("an attribute's tensor"), from: source).tensor
      case 7:
        if case .bytes(let bytes) = value {
          guard bytes.count % 4 == 0 else { throw ImportError("numbers of 32 bits (actual: \(bytes.count) bytes)") }
          floats += ElementType.float32.values(in: bytes)
        } else {
          floats.append(try value.float("an attribute's number"))
        }
      case 8: integers += try value.integers("an attribute's number")
      case 20: type = try value.integer("an attribute's type")
      default: break
      }
    }
    switch (type, tensor) {
    case (1, _): return (name, .float(float))
    case (2, _): return (name, .integer(integer))
    case (3, _): return (name, .text(text))
    case (4, let tensor?): return (name, .tensor(tensor))
    case (6, _): return (name, .floats(floats))
    case (7, _): return (name, .integers(integers))
    default: return (name, .other)
    }
  }

  /// The name and the shape of a `ValueInfoProto`.
  private static func valueInfo(_ data: Data) throws -> (name: String, shape: [Int?]) {
    var (name, shape) = ("", [Int?]())
    try ProtobufFields.forEach(in: data) { number, value in
      if number == 1 { name = try value.text("a value's name") }
      guard number == 2 else { return }
      try ProtobufFields.forEach(in: value.bytes("a value's type")) { number, value in
        guard number == 1 else { throw ImportError("what goes in and comes out is a tensor (\"\(name)\" is none)") }
        try ProtobufFields.forEach(in: value.bytes("a tensor's type")) { number, value in
          if number == 2 { shape = try Self.shape(value.bytes("a shape")) }
        }
      }
    }
    return (name, shape)
  }

  private static func shape(_ data: Data) throws -> [Int?] {
    var shape: [Int?] = []
    try ProtobufFields.forEach(in: data) { number, value in
      guard number == 1 else { return }
      var extent: Int?
      try ProtobufFields.forEach(in: value.bytes("an extent")) { number, value in
        if number == 1 { extent = try value.integer("an extent") }
      }
      guard shape.count < 8 else { throw ImportError("a shape has at most 8 extents") }
      shape.append(extent)
    }
    return shape
  }
}

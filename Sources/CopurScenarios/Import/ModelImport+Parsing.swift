internal import CopurCore
internal import CopurDatasets
internal import CopurLearning
internal import Foundation

extension ModelImport {
  /// Checks what a document says.
  ///
  /// - Parameter folder: Where the files lie that it names.
  init(parsing document: ScenarioDocument, beside folder: URL) throws(ScenarioError) {
    let root = try document.root().mapping(of: "an import", keys: ["agents", "fusion"])
    var agents: [(agent: AgentID, entry: Entry)] = []
    let list = try root.required("agents").mapping(of: "agents")
    for entry in list.entries {
      let agent: AgentID
      do { agent = try AgentID(entry.name) } catch {
        throw entry.key.error((error as? CopurError)?.message ?? "\(error)")
      }
      agents.append((agent, try Entry(parsing: entry.value, beside: folder)))
    }
    guard !agents.isEmpty else { throw list.node.error("an import has at least one agent (actual: 0)") }
    var fusion: Entry?
    if let node = root["fusion"] { fusion = try Entry(parsing: node, beside: folder) }
    self.init(file: document.file, agents: agents, fusion: fusion)
  }
}

extension ModelImport.Entry {
  /// A file, and the layers of a file that does not state them itself.
  init(parsing node: SchemaNode, beside folder: URL) throws(ScenarioError) {
    let section = try node.mapping(of: "a model", keys: ["file", "prefix", "input", "layers"])
    let place = try section.required("file")
    let path = try place.string("a file")
    guard !path.contains("\0") else { throw place.error("a path has no byte 0") }
    let file = path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
    switch file.pathExtension.lowercased() {
    case "onnx":
      for entry in section.entries where entry.name != "file" {
        throw entry.key.error("\"\(entry.name)\" is said by an ONNX file itself")
      }
      self.init(file: file, format: .onnx)
    case "safetensors":
      var layers: [SequentialImport.Layer] = []
      for (index, item) in try section.required("layers").list(of: "layers").enumerated() {
        layers.append(try SequentialImport.Layer(parsing: item, place: index))
      }
      self.init(
        file: file,
        format: .safetensors(
          SequentialImport(
            input: try section["input"].map(ImportedInput.init(parsing:)), layers: layers,
            prefix: try section["prefix"]?.string("a prefix of arrays' names") ?? "")))
    default:
      throw place.error("a model's file ends in .safetensors or .onnx (actual: \"\(path)\")")
    }
  }
}

extension ImportedInput {
  /// A number of features, or the extents of a picture.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    guard node.isMapping else {
      self = .row(try node.integer(atLeast: 1, atMost: Architecture.widthLimit))
      return
    }
    let section = try node.mapping(of: "a picture", keys: ["rows", "columns", "channels"])
    func extent(_ key: String) throws(ScenarioError) -> Int {
      try section.required(key).integer(atLeast: 1, atMost: Architecture.widthLimit)
    }
    self = .image(
      ImageShape(rows: try extent("rows"), columns: try extent("columns"), channels: try extent("channels")))
  }
}

extension SequentialImport.Layer {
  /// The layers' names, and the settings of each.
  private static let kinds: [(name: String, settings: [String])] = [
    ("linear", []), ("conv2d", ["stride", "padding"]), ("batch_norm", ["epsilon"]), ("max_pool", ["size", "stride"]),
    ("avg_pool", ["size", "stride"]), ("global_avg_pool", []), ("flatten", []), ("relu", []), ("leaky_relu", ["slope"]),
    ("tanh", []), ("sigmoid", []), ("softplus", []), ("identity", []), ("dropout", []),
  ]

  /// A layer's name, or a mapping with its `kind` and settings.
  ///
  /// - Parameter place: Its place among the layers, by which a `Sequential` names it.
  init(parsing node: SchemaNode, place: Int) throws(ScenarioError) {
    let names = Self.kinds.map(\.name)
    guard node.isMapping else {
      let kind = try node.choice(of: "a layer", from: names)
      self.init(try Self.kind(kind, at: node, of: nil), name: "\(place)")
      return
    }
    let section = try node.mapping(of: "a layer")
    let kind = try section.required("kind").choice(of: "a layer", from: names)
    try section.check(keys: ["kind", "name"] + (Self.kinds.first { $0.name == kind }?.settings ?? []))
    self.init(
      try Self.kind(kind, at: node, of: section),
      name: try section["name"]?.string("what a layer's arrays are named by") ?? "\(place)")
  }

  private static func kind(
    _ name: String, at node: SchemaNode, of section: SchemaMapping?
  ) throws(ScenarioError) -> SequentialImport.Kind {
    func whole(_ key: String, least: Int, otherwise: Int?) throws(ScenarioError) -> Int {
      if let value = section?[key] { return try value.integer(atLeast: least, atMost: Architecture.widthLimit) }
      guard let otherwise else {
        throw node.error("a layer \"\(name)\" has the key \"\(key)\" (actual: it is missing)")
      }
      return otherwise
    }
    switch name {
    case "conv2d":
      return .convolution(
        stride: try whole("stride", least: 1, otherwise: 1), padding: try whole("padding", least: 0, otherwise: 0))
    case "batch_norm": return .batchNormalization(epsilon: try section?["epsilon"]?.positiveNumber() ?? 1e-5)
    case "max_pool", "avg_pool":
      let size = try whole("size", least: 1, otherwise: nil)
      return .pooling(
        name == "max_pool" ? .maximum : .mean, size: size, stride: try whole("stride", least: 1, otherwise: size))
    case "global_avg_pool": return .globalMean
    case "flatten": return .flatten
    case "relu": return .activation(.piecewiseLinear(.relu))
    case "leaky_relu":
      return .activation(.piecewiseLinear(.leakyReLU(slope: try section?["slope"]?.number() ?? 0.01)))
    case "tanh": return .activation(.tanh)
    case "sigmoid": return .activation(.logistic)
    case "softplus": return .activation(.softplus)
    case "linear": return .linear
    default: return .identity
    }
  }
}

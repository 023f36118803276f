/// An architecture as `{"input": 8, "layers": [{"name": "0", "kind": "dense", "settings": {…}}]}`.
///
/// Decoding finds a layer's type by its kind among the ``LayerKinds`` under `CodingUserInfoKey.layerKinds`.
extension Architecture: Codable {
  private enum CodingKeys: String, CodingKey {
    case layers
    case inputWidth = "input"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      inputWidth: container.decode(Int.self, forKey: .inputWidth),
      layers: container.decode([Element].self, forKey: .layers))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(inputWidth, forKey: .inputWidth)
    try container.encode(layers, forKey: .layers)
  }
}

extension Architecture.Element: Codable {
  private enum CodingKeys: String, CodingKey { case name, kind, settings }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kinds = decoder.userInfo[.layerKinds] as? LayerKinds ?? .builtIn
    let kind = try container.decode(String.self, forKey: .kind)
    guard let type = kinds[kind] else {
      throw ArchitectureError(
        "a layer's kind is one of \(kinds.names.joined(separator: ", ")) (actual: \"\(kind)\")")
    }
    self.init(
      try container.decode(String.self, forKey: .name), try type.init(from: container.superDecoder(forKey: .settings)))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(type(of: specification).kind, forKey: .kind)
    try specification.encode(to: container.superEncoder(forKey: .settings))
  }
}

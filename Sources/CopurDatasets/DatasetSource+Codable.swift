extension DatasetSource: Codable {
  private enum CodingKeys: String, CodingKey { case kind }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind)
    if kind == ExtraSensory.kind {
      self = .extraSensory(try ExtraSensory(from: decoder))
    } else if kind == NUSWIDE.kind {
      self = .nusWide(try NUSWIDE(from: decoder))
    } else if kind == CSVTable.kind {
      self = .csv(try CSVTable(from: decoder))
    } else if let collection = ImageDataset.Collection(rawValue: kind) {
      self = .images(try ImageDataset(collection: collection, from: decoder))
    } else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container,
        debugDescription: "the kind of a data set is one of \(Self.kinds.joined(separator: ", ")) (actual: \"\(kind)\")"
      )
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .extraSensory(let user): try user.encode(to: encoder)
    case .nusWide(let pictures): try pictures.encode(to: encoder)
    case .images(let images): try images.encode(to: encoder)
    case .csv(let table): try table.encode(to: encoder)
    }
  }
}

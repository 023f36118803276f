/// A given extractor as a scenario asks for it: a kind of ``KindRegistry/extractors``, by its name, and its settings.
public struct ExtractorSpec: Hashable, Sendable, Codable {
  /// The kind's name.
  public let name: String
  /// The kind's settings, by key.
  public let settings: [String: JSONValue]
  /// The digest and widths of the models that the kind brings; nil where it brings none, or before they are read.
  public internal(set) var found: Found?

  /// - Parameters:
  ///   - name: The kind's name.
  ///   - settings: The kind's settings, by key.
  public init(_ name: String, settings: [String: JSONValue]) {
    self.name = name
    self.settings = settings
  }

  /// One that stands for a kind with its settings.
  public init(_ kind: some ExtractorKind) { self.init(kind.kind, settings: JSONSettings(of: kind).object) }

  /// The kind with these settings.
  ///
  /// - Throws: ``CopurError``: `.configuration` if no kind has this name, `.invalidData` if the settings break its rules.
  public func kind() throws -> any ExtractorKind {
    guard let entry = KindRegistry.extractors[name] else {
      throw CopurError(
        .configuration,
        "a given extractor is one of \(KindRegistry.extractors.names.joined(separator: ", ")) (actual: \"\(name)\")")
    }
    return try entry.make(from: JSONSettings(settings), in: KindContext(agents: [], classNames: []))
  }

  private enum CodingKeys: String, CodingKey { case found }

  /// The name under `kind`, what was found under `found`, and the settings beside them.
  public init(from decoder: any Decoder) throws {
    var settings = try [String: JSONValue](from: decoder)
    settings[CodingKeys.found.rawValue] = nil
    guard case .string(let name)? = settings.removeValue(forKey: "kind") else {
      throw CopurError(.invalidData, "a given extractor has a \"kind\"")
    }
    self.init(name, settings: settings)
    found = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Found.self, forKey: .found)
  }

  public func encode(to encoder: any Encoder) throws {
    try settings.merging(["kind": .string(name)]) { $1 }.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(found, forKey: .found)
  }
}

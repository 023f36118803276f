/// A given extractor as a scenario asks for it: a kind of ``KindRegistry/extractors``, by its name, and its settings.
public struct ExtractorSpec: Hashable, Sendable, Codable {
  /// The kind's name.
  public let name: String
  /// The kind's settings, by key.
  public let settings: [String: JSONValue]

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

  /// The name under `kind`, and the settings beside it.
  public init(from decoder: any Decoder) throws {
    var settings = try [String: JSONValue](from: decoder)
    guard case .string(let name)? = settings.removeValue(forKey: "kind") else {
      throw CopurError(.invalidData, "a given extractor has a \"kind\"")
    }
    self.init(name, settings: settings)
  }

  public func encode(to encoder: any Encoder) throws {
    try settings.merging(["kind": .string(name)]) { $1 }.encode(to: encoder)
  }
}

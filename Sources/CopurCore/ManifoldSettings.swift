/// The settings of the manifold of clean embeddings: the `manifold:` section of a scenario, also kept in a bundle.
///
/// As JSON it is one object with the kind's name, the code and the kind's settings. The code's dimension is chosen from the
/// training rows unless it is given: it is what buys robustness.
public struct ManifoldSettings: Hashable, Sendable {
  /// The kind of manifold, with its settings.
  public var kind: any ManifoldKind
  /// r, the dimension of the code, at least 1; nil to choose it from the training rows.
  public var code: Int?

  /// - Parameters:
  ///   - kind: What the manifold is, with its settings.
  ///   - code: r, the dimension of the code, at least 1; nil to choose it from the training rows.
  public init(kind: some ManifoldKind = LinearManifold.Settings(), code: Int? = nil) {
    self.kind = kind
    self.code = code
  }

  /// The settings that all kinds have.
  public static var common: [SettingDescription] {
    [
      SettingDescription(
        "kind", .choice(of: "a manifold's kind", KindRegistry.manifolds.names),
        "a subspace, or four dense layers with the code in the middle"), codeSetting.description,
    ]
  }

  /// The settings of all kinds together.
  public static var settings: [SettingDescription] {
    common + KindRegistry.manifolds.entries.flatMap(\.settings)
  }

  /// The dimension of the code.
  private static var codeSetting: Setting<ManifoldSettings> {
    Setting(
      SettingDescription(
        "code", .choiceOrInteger(of: "a code", ["auto"], 1...1 << 20),
        "the manifold's dimension, or `auto` to choose it on held-out training rows")
    ) {
      $0.code.map(SettingValue.integer) ?? .text("auto")
    } write: {
      if case .integer(let code) = $1 { $0.code = code } else { $0.code = nil }
    }
  }

  /// The values of all kinds' settings where a scenario gives none, by key.
  public static var defaults: [String: String] {
    KindRegistry.manifolds.entries.reduce(into: ["kind": ManifoldSettings().kind.kind, "code": "auto"]) {
      $0.merge($1.defaults) { first, _ in first }
    }
  }

  /// These settings with what a source gives.
  ///
  /// - Parameter name: The kind, one of the registry.
  /// - Throws: What the source throws, at the first value that breaks a rule.
  public func reading(
    kind name: String, from source: any SettingSource, in context: KindContext
  ) throws -> ManifoldSettings {
    var result = self
    if name == kind.kind {
      result.kind = try kind.reading(from: source, in: context)
    } else if let entry = KindRegistry.manifolds[name] {
      result.kind = try entry.make(from: source, in: context)
    }
    if let value = try source.value(of: Self.codeSetting.description, in: context) {
      Self.codeSetting.write(&result, value)
    }
    return result
  }

  /// Checks what depends on the width of all agents' embeddings.
  ///
  /// - Parameters:
  ///   - embeddingWidth: D, which no code is as wide as; nil where models that say it are not read yet.
  ///   - keys: Those that were given.
  public func validate(embeddingWidth: Int?, given keys: Set<String>) throws(SettingError) {
    guard let embeddingWidth else { return }
    guard code ?? 0 < embeddingWidth else {
      throw SettingError(
        "a code is narrower than the embedding of all agents (\(embeddingWidth)) (actual: \(code ?? 0))", at: "code")
    }
    try kind.validate(embeddingWidth: embeddingWidth, code: code, given: keys)
  }

  public static func == (one: ManifoldSettings, other: ManifoldSettings) -> Bool {
    AnyHashable(one.kind) == AnyHashable(other.kind) && one.code == other.code
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(kind))
    hasher.combine(code)
  }
}

extension ManifoldSettings: Codable {
  public init(from decoder: any Decoder) throws {
    var settings = try [String: JSONValue](from: decoder)
    guard case .string(let name)? = settings.removeValue(forKey: "kind"), let entry = KindRegistry.manifolds[name]
    else {
      throw CopurError(
        .invalidData, "the kind of a manifold is one of \(KindRegistry.manifolds.names.joined(separator: ", "))")
    }
    kind = try entry.make(from: JSONSettings(settings), in: KindContext(agents: [], classNames: []))
    if case .number(let number)? = settings["code"] { code = Int(exactly: number) }
  }

  public func encode(to encoder: any Encoder) throws {
    var object: [String: JSONValue] = ["kind": .string(kind.kind)]
    if let code { object["code"] = .number(Double(code)) }
    for member in kind.members {
      // As a scenario writes it: 0.8, not what is nearest to it in single precision.
      if case .number(let number) = member.value {
        object[member.key] = .number(Double("\(number)") ?? Double(number))
      } else {
        object[member.key] = JSONValue(member.value)
      }
    }
    try object.encode(to: encoder)
  }
}

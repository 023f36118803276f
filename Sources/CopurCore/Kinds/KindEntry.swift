/// A kind's place in a registry: its name, what it is, and how one is made from a scenario.
///
/// `Family` is what all of its kind have in common, such as `any AttackKind`.
public struct KindEntry<Family>: Sendable {
  /// The name, as scenarios and results spell it.
  public let name: String
  /// The kind in a sentence or two, for the reference.
  public let summary: String
  /// Key, rule and meaning of each setting.
  public let settings: [SettingDescription]
  /// Values of the settings where a scenario gives none, by key, as text; without those left open or required.
  public let defaults: [String: String]
  /// The type of its values.
  public let type: any Any.Type
  private let read: @Sendable (any SettingSource, KindContext) throws -> Family

  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it is, in a sentence or two for the reference.
  ///   - family: The value as one of its family.
  ///   - initial: The value that has the defaults, which may depend on agents and classes.
  public init<Value: Kind>(
    _ name: String, _ summary: String, as family: @escaping @Sendable (Value) -> Family,
    initial: @escaping @Sendable (KindContext) -> Value
  ) {
    self.name = name
    self.summary = summary
    type = Value.self
    settings = Value.settings.map(\.description)
    // Of agents and classes any will do here: a setting's summary says what they decide.
    let example = initial(KindContext(agents: [], classNames: []))
    defaults = Dictionary(
      uniqueKeysWithValues: Value.settings.filter { !$0.description.isRequired }
        .compactMap { $0.member(of: example) }.map { ($0.key, $0.value.text) })
    read = { source, context in family(try initial(context).reading(from: source, in: context)) }
  }

  /// One with the settings that a source gives.
  ///
  /// - Throws: What the source throws, at the first value that breaks a rule.
  public func make(from source: any SettingSource, in context: KindContext) throws -> Family {
    try read(source, context)
  }
}

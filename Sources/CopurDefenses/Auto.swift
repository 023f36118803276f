public import CopurCore

/// The defence that a training chose for the threat at hand, by held-out training rows.
public struct Auto: DefenseKind {
  /// The kind, as scenarios spell it.
  public static let name = "auto"

  public static var entry: KindEntry<any DefenseKind> {
    KindEntry(
      name,
      "The defence that certifies most of held-out training rows under the threat that `protect` names, at a bounded cost "
        + "in clean accuracy; where none beats a constant guess, the one that is best without an attack, or none. Which one it "
        + "is, the bundle says.", Auto())
  }

  public static var settings: [Setting<Auto>] {
    [
      .number(
        "cost", \.cost, .fraction,
        "how much accuracy without an attack a choice may cost against no defence at all, balanced and plain each")
    ]
  }

  public var kind: String { Self.name }
  public var hasCertificates: Bool { true }

  /// The accuracy without an attack that a choice may cost against no defence at all, balanced and plain each, from 0 to 1.
  public var cost: Float = 0.05

  /// The defaults.
  public init() {}

  public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
    guard let record = bundle.manifest.protection, let taken = record.taken else {
      throw CopurError(
        .invalidArgument,
        "\"\(name)\" is chosen in training: train a bundle with a scenario that lists a defense of kind \(Self.name)")
    }
    return try KindRegistry.defenses.kind(of: taken, in: bundle, threat: record.threat).make(named: name, from: bundle)
  }
}

extension KindRegistry where Family == any DefenseKind {
  /// The kind of a candidate, with its settings.
  ///
  /// - Throws: ``CopurError`` if there is none of this name, or a setting breaks its rule.
  public func kind(
    of candidate: ProtectionRecord.Candidate, in bundle: ModelBundle, threat: Threat
  ) throws -> any DefenseKind {
    guard let entry = self[candidate.kind] else {
      throw CopurError(
        .invalidData,
        "a bundle's defence is one that this program has: \(names.joined(separator: ", ")) (actual: \"\(candidate.kind)\")"
      )
    }
    return try entry.make(
      from: JSONSettings(candidate.settings),
      in: KindContext(agents: bundle.roster.agents, classNames: bundle.manifest.classes, threat: threat))
  }
}

public import CopurCore
internal import CopurNumerics

/// A defence as scenarios name and set it, and how it is built from a trained bundle.
public protocol DefenseKind: Kind {
  /// The kind, as scenarios and results spell it.
  var kind: String { get }
  /// The training of the fusion model that a bundle must hold for it; nil if every bundle has what it needs.
  var training: FusionTraining? { get }
  /// Whether it is told who lies, which only a simulation in one process does.
  var isOracle: Bool { get }
  /// Whether predictions of the defence can be certified, given a manifold that allows it.
  var hasCertificates: Bool { get }

  /// Whether it decides by the evidence of agents' voters, so that extractors are made of those or there are voters at the
  /// fusion center.
  var needsVoters: Bool { get }

  /// Builds the defence.
  ///
  /// - Parameters:
  ///   - name: Its name in results.
  ///   - bundle: Trained with this kind's ``training``, if it has one.
  /// - Throws: ``CopurError`` if the bundle does not have what it needs; ``NumericsError``.
  func make(named name: String, from bundle: ModelBundle) throws -> any Defense
}

extension DefenseKind {
  public var training: FusionTraining? { nil }
  public var isOracle: Bool { false }
  public var hasCertificates: Bool { false }
  public var needsVoters: Bool { false }

  /// The fusion model that was trained for this kind.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the bundle has none.
  public func furtherModel(named name: String, in bundle: ModelBundle) throws -> FurtherModel {
    guard let training, let further = bundle.furtherModel(training) else {
      throw CopurError(
        .invalidArgument,
        "\"\(name)\" has a fusion model of its own, trained with a scenario that lists it with the same settings (the "
          + "bundle has \(bundle.furtherModels.count) such models, none with these)"
      )
    }
    return further
  }
}

extension KindEntry where Family == any DefenseKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'.
  ///   - summary: What it does, in a sentence or two for the reference.
  ///   - initial: The kind with the defaults.
  public init<Value: DefenseKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any DefenseKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any DefenseKind {
  /// The defences, in the order in which tables show them. A new one is a file with its type, and a line here.
  public static let defenses = KindRegistry(
    of: "a defense",
    [
      Unsecured.Settings.entry, ManifoldProjection.Settings.entry, RandomizedSmoothing.Settings.entry,
      RandomizedSmoothingBlock.Settings.entry, RandomizedAblation.Settings.entry, AgentVote.Settings.entry,
      DoubleMasking.Settings.entry, AdversariallyTrained.Settings.entry, AdversariallyTrained.Settings.blockEntry,
      ScheduledCoPur.Settings.entry, RelaxedCoPur.Settings.entry,
      CoPur.Settings.paperEntry, CoPur.Settings.entry, SmoothedCoPur.Settings.entry, Auto.entry, Oracle.Settings.entry,
    ])
}

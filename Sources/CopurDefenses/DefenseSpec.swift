public import CopurCore
internal import CopurNumerics

/// A defence as a scenario asks for it: a kind with its settings, and the name that results give it.
public struct DefenseSpec: Hashable, Sendable {
  /// The name in results; that of its kind if none is given.
  public let name: String
  /// The kind of defence, with its settings.
  public let kind: any DefenseKind
  /// The training of everything that it decides by, extractors included, if not as the scenario says for all.
  public var ownTraining: TrainingSettings?
  /// The settings of its manifold, if not what the scenario says for all.
  public var ownManifold: ManifoldSettings?
  /// Who it is to protect from, if not whom the scenario names for all.
  public var ownThreat: Threat?

  /// - Parameter name: Nil for that of the kind.
  public init(
    _ kind: any DefenseKind, name: String? = nil, training: TrainingSettings? = nil, manifold: ManifoldSettings? = nil
  ) {
    self.kind = kind
    self.name = name ?? kind.kind
    ownTraining = training
    ownManifold = manifold
  }

  /// The training of everything that it decides by.
  ///
  /// - Parameter training: What the scenario says for all.
  public func training(otherwise training: TrainingSettings) -> TrainingSettings {
    var settings = ownTraining ?? training
    if kind.needsVoters, settings.extractor != .voters, !settings.hasVotersAtCenter {
      (settings.extractor, settings.given) = (.voters, nil)
      // Those are about joint training, which voters have none of.
      settings.alternatives = []
    }
    return settings
  }

  /// The settings of its manifold.
  ///
  /// - Parameter manifold: What the scenario says for all.
  public func manifold(otherwise manifold: ManifoldSettings) -> ManifoldSettings {
    // A vote does not use it, so nothing is spent on a choice.
    ownManifold ?? (kind.needsVoters ? ManifoldSettings(kind: .linear, code: 1) : manifold)
  }

  /// Those that are compared where nothing else is asked for: they need no model but what every bundle has.
  public static let defaults = [
    DefenseSpec(Unsecured.Settings()), DefenseSpec(ManifoldProjection.Settings()),
    DefenseSpec(CoPur.Settings(isGated: false)), DefenseSpec(CoPur.Settings()),
  ]

  /// The defence of a service where nothing else is asked for: the one that the bundle was trained for. Purification of
  /// voters' evidence, or a vote of embeddings, would be no defence.
  public static func standard(for bundle: ModelBundle) -> DefenseSpec {
    if bundle.manifest.protection != nil { return DefenseSpec(Auto()) }
    guard bundle.isForVotes else { return DefenseSpec(CoPur.Settings()) }
    return DefenseSpec(
      AgentVote.Settings(in: KindContext(agents: bundle.roster.agents, classNames: bundle.manifest.classes)))
  }

  /// Builds the defence.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the bundle holds no model that was trained for it, or its
  ///   settings do not go with the model.
  public func make(from bundle: ModelBundle) throws -> any Defense {
    do {
      return try kind.make(named: name, from: bundle)
    } catch let error as NumericsError {
      throw CopurError(.invalidArgument, "\"\(name)\" cannot be built", cause: error)
    }
  }

  public static func == (one: DefenseSpec, other: DefenseSpec) -> Bool {
    one.name == other.name && AnyHashable(one.kind) == AnyHashable(other.kind) && one.ownTraining == other.ownTraining
      && one.ownManifold == other.ownManifold && one.ownThreat == other.ownThreat
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(AnyHashable(kind))
    hasher.combine(ownTraining)
    hasher.combine(ownManifold)
    hasher.combine(ownThreat)
  }
}

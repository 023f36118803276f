public import CopurCore
public import CopurDefenses

/// Defences that share their models: one bundle a seed.
public struct ModelGroup: Hashable, Sendable {
  /// How extractors and fusion model are trained.
  public let training: TrainingSettings
  /// How the manifold is learned.
  public let manifold: ManifoldSettings
  /// The defences, in the scenario's order; at least one.
  public internal(set) var defenses: [DefenseSpec]

  /// The trainings of fusion models that its defences need besides those of every bundle, each once.
  public var furtherTrainings: [FusionTraining] {
    var trainings: [FusionTraining] = []
    for training in defenses.compactMap(\.kind.training) where !trainings.contains(training) {
      trainings.append(training)
    }
    return trainings
  }
}

extension Scenario {
  /// Its defences by the models that they share, in the order in which each group is first needed.
  public var modelGroups: [ModelGroup] {
    var groups: [ModelGroup] = []
    for defense in defenses {
      let (training, manifold) = (defense.training(otherwise: training), defense.manifold(otherwise: manifold))
      if let index = groups.firstIndex(where: { $0.training == training && $0.manifold == manifold }) {
        groups[index].defenses.append(defense)
      } else {
        groups.append(ModelGroup(training: training, manifold: manifold, defenses: [defense]))
      }
    }
    return groups
  }

  /// The models of a defence.
  ///
  /// - Parameter defense: The defence's name; nil for those that the scenario trains for all, of the first group if no
  ///   defence uses them.
  /// - Throws: ``CopurError`` of code `.invalidArgument` that lists the names, if there is none of this name.
  public func models(of defense: String?) throws -> ModelGroup {
    let groups = modelGroups
    guard let defense else {
      return groups.first { $0.training == training && $0.manifold == manifold } ?? groups[0]
    }
    guard let group = groups.first(where: { $0.defenses.contains { $0.name == defense } }) else {
      throw CopurError(
        .invalidArgument,
        "a defense of the scenario is one of \(defenses.map(\.name).joined(separator: ", ")) (actual: \"\(defense)\")")
    }
    return group
  }
}

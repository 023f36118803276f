public import CopurCore
public import CopurDefenses
public import CopurTraining

/// Defences that share their models: one bundle a seed.
public struct ModelGroup: Hashable, Sendable {
  /// The settings of extractors and fusion model.
  public internal(set) var training: TrainingSettings
  /// The settings of the manifold.
  public let manifold: ManifoldSettings
  /// The protection that its defence is chosen for; nil if the scenario names the defences.
  public var protection: Protection?
  /// The defences, in the scenario's order; at least one.
  public internal(set) var defenses: [DefenseSpec]

  /// Whether rows are held out to set the limits of gate and suspects: not if all defences are votes.
  public var isCalibrated: Bool { !defenses.allSatisfy(\.kind.needsVoters) }

  /// The trainer of its bundle.
  ///
  /// - Parameters:
  ///   - name: The scenario that it is trained for.
  ///   - source: Kept in the bundle, so that agents find their own rows.
  ///   - agents: Those of the data set, whose extractors may be imported.
  /// - Throws: ``CopurError`` if imported extractors cannot be read.
  public func trainer(for name: String, source: JSONValue, agents: [AgentID]) throws -> BundleTrainer {
    let training = try training.reading(modelsFor: agents)
    if training.bringsModels {
      // How wide their embeddings are was not known before.
      do {
        try manifold.validate(embeddingWidth: training.embeddingWidth(agents: agents.count), given: [])
      } catch {
        throw CopurError(.configuration, "manifold: \(error.message)")
      }
    }
    var trainer = BundleTrainer(
      name: name, training: training, manifold: manifold, further: furtherTrainings, protection: protection,
      source: source)
    trainer.isCalibrated = isCalibrated
    return trainer
  }

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
      let protection = (defense.kind as? Auto).map {
        Protection(threat: defense.ownThreat ?? threat, cost: $0.cost)
      }
      let place = groups.firstIndex {
        $0.training == training && $0.manifold == manifold && $0.protection == protection
      }
      if let place {
        groups[place].defenses.append(defense)
      } else {
        groups.append(
          ModelGroup(training: training, manifold: manifold, protection: protection, defenses: [defense]))
      }
    }
    return merged(groups)
  }

  /// The groups with votes by voters at the fusion center put where their extractors are trained anyway. A group of such votes
  /// alone has no use for a manifold, nor for a choice of training by what purification makes of it.
  private func merged(_ groups: [ModelGroup]) -> [ModelGroup] {
    func isOfVotes(_ group: ModelGroup) -> Bool {
      group.training.hasVotersAtCenter && group.protection == nil
        && group.defenses.allSatisfy { $0.kind.needsVoters && $0.ownManifold == nil }
    }
    var merged = groups
    for index in groups.indices.reversed() where isOfVotes(groups[index]) {
      let (training, votes) = (groups[index].training, groups[index].defenses)
      let place = merged.firstIndex { !isOfVotes($0) && $0.training == training && $0.protection == nil }
      if let place {
        let together = merged[place].defenses + votes
        merged[place].defenses = defenses.filter { defense in together.contains { $0.name == defense.name } }
        merged.remove(at: index)
      } else {
        merged[index].training = training.alone
      }
    }
    return merged
  }

  /// The models of a defence.
  ///
  /// - Parameter defense: The defence's name; nil for those that the scenario trains for all, of the first group if no
  ///   defence uses them.
  /// - Throws: ``CopurError`` of code `.invalidArgument` that lists the names, if there is none of this name.
  public func models(of defense: String?) throws -> ModelGroup {
    let groups = modelGroups
    guard let defense else {
      return groups.first { $0.training == training && $0.manifold == manifold && $0.protection == nil } ?? groups[0]
    }
    guard let group = groups.first(where: { $0.defenses.contains { $0.name == defense } }) else {
      throw CopurError(
        .invalidArgument,
        "a defense of the scenario is one of \(defenses.map(\.name).joined(separator: ", ")) (actual: \"\(defense)\")")
    }
    return group
  }
}

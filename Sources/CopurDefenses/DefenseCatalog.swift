public import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// All defences by name.
public enum DefenseCatalog {
  /// The kinds of defences, in the order in which tables show them.
  public static let kinds = [
    Unsecured.name, ManifoldProjection.name, RandomizedSmoothing.name, RandomizedSmoothingBlock.name,
    RandomizedAblation.name, AdversariallyTrained.name, AdversariallyTrained.blockName, ScheduledCoPur.name,
    RelaxedCoPur.name, CoPur.paperName, CoPur.name,
    SmoothedCoPur.name, Oracle.name,
  ]

  /// Those that are compared where nothing else is asked for: they need no model but what every bundle has.
  public static let defaults = [
    DefenseSpec(.unsecured), DefenseSpec(.manifoldProjection), DefenseSpec(.coPurPaper), DefenseSpec(.coPur),
  ]

  /// Builds a defence from a bundle.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the bundle holds no model that was trained for it, or its
  ///   settings do not go with the model.
  public static func make(_ spec: DefenseSpec, from bundle: ModelBundle) throws -> any WhiteBoxDefense {
    do {
      return try defense(spec, from: bundle)
    } catch let error as NumericsError {
      throw CopurError(.invalidArgument, "\"\(spec.name)\" cannot be built", cause: error)
    }
  }

  private static func defense(_ spec: DefenseSpec, from bundle: ModelBundle) throws -> any WhiteBoxDefense {
    let (name, layout, seed) = (spec.name, bundle.roster.layout, bundle.manifest.seed)
    switch spec.method {
    case .unsecured: return Unsecured(name: name, layout: layout, model: bundle.jointModel)
    case .oracle:
      return Oracle(name: name, purifier: Purifier(manifold: bundle.manifold), model: bundle.purifiedModel)
    case .manifoldProjection:
      return ManifoldProjection(name: name, manifold: bundle.manifold, model: bundle.purifiedModel)
    case .randomizedSmoothing(let settings):
      return try RandomizedSmoothing(
        name: name, layout: layout, model: bundle.jointModel, settings: settings, seed: seed)
    case .randomizedSmoothingBlock(let settings):
      return try RandomizedSmoothingBlock(
        name: name, layout: layout, model: bundle.jointModel, settings: settings, seed: seed)
    case .randomizedAblation(let settings):
      let further = try furtherModel(of: spec, in: bundle)
      var generator = SeededGenerator(seed: seed, purpose: "randomized ablation")
      return RandomizedAblation(
        name: name, layout: layout, model: further.model,
        null: further.null ?? [Float](repeating: 0, count: layout.totalWidth),
        subsets: AgentSubsets(
          agents: layout.count, keep: settings.training.keep, draws: settings.draws, using: &generator))
    case .adversarialTraining:
      return AdversariallyTrained(name: name, layout: layout, model: try furtherModel(of: spec, in: bundle).model)
    case .coPurSchedule:
      return ScheduledCoPur(
        name: name, schedule: PaperSchedule(manifold: bundle.manifold), model: bundle.purifiedModel)
    case .coPurRelaxed:
      guard let bound = bundle.manifest.calibration.reconstruction else {
        throw CopurError(
          .invalidArgument, "\"\(name)\" needs δ, for which the bundle was trained on too few rows to hold any out")
      }
      return RelaxedCoPur(
        name: name, purifier: RelaxedPurifier(manifold: bundle.manifold, constraint: .bound(bound.value)),
        model: bundle.purifiedModel)
    case .coPurPaper: return coPur(name, from: bundle, isGated: false)
    case .coPur: return coPur(name, from: bundle, isGated: true)
    case .coPurSmoothing(let settings):
      return try SmoothedCoPur(
        name: name, base: coPur(CoPur.name, from: bundle, isGated: true), settings: settings, seed: seed)
    }
  }

  private static func coPur(_ name: String, from bundle: ModelBundle, isGated: Bool) -> CoPur {
    let calibration = bundle.calibration
    return CoPur(
      name: name,
      purifier: GatedPurifier(
        purifier: Purifier(manifold: bundle.manifold), gate: isGated ? EmbeddingGate(calibration) : nil),
      model: bundle.purifiedModel,
      residualLimits: isGated ? calibration.gatedResidualLimits : calibration.residualLimits)
  }

  private static func furtherModel(of spec: DefenseSpec, in bundle: ModelBundle) throws -> FurtherModel {
    guard let training = spec.training, let further = bundle.furtherModel(training) else {
      throw CopurError(
        .invalidArgument,
        "\"\(spec.name)\" has a fusion model of its own, trained with a scenario that lists it with the same settings (the bundle has \(bundle.furtherModels.count) such models, none with these)"
      )
    }
    return further
  }
}

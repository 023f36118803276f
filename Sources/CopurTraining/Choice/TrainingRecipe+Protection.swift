internal import CopurCore

extension TrainingRecipe {
  /// The same with what makes agents redundant and lets them have equal say on a manifold of one dimension, where there are
  /// certificates: extractors that learn from zero, a head for each agent, blocks of equal energy.
  var forCertificates: TrainingRecipe {
    var settings = training
    (settings.extractor, settings.extractorStart, settings.given) = (.linear, .zero, nil)
    (settings.agentHeads, settings.equalEnergy) = (true, true)
    settings.voters = nil
    return TrainingRecipe(
      name: name, source: source, training: settings, manifold: ManifoldSettings(kind: .linear, code: 1))
  }

  /// The same with voters, for extractors or at the fusion center, and nothing that a vote has no use for.
  func forVoters(classes: Int) -> TrainingRecipe {
    var settings = training
    if !settings.hasVotersAtCenter { (settings.extractor, settings.given) = (.voters, nil) }
    return TrainingRecipe(
      name: name, source: source, training: settings.fitted(toClasses: classes),
      manifold: ManifoldSettings(kind: .linear, code: 1), isCalibrated: false)
  }

  /// The same with nothing that only a defence has a use for.
  var withoutDefense: TrainingRecipe {
    TrainingRecipe(
      name: name, source: source, training: training, manifold: ManifoldSettings(kind: .linear, code: 1),
      isCalibrated: false)
  }
}

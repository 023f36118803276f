public import CopurCore

/// Trains everything that a bundle holds, in the paper's order (CoPur, sections 2.1 and D): extractors and fusion model
/// jointly, the manifold on the training embeddings, the fusion model again on the manifold's output.
///
/// Choices that are left open (`alternatives:` to the training, `code: auto`, and the limits of gate and suspects) are made
/// on training rows held out from first trainings; then all training rows are used. Test rows are never looked at.
public struct BundleTrainer: Sendable {
  /// Kept in the bundle: the scenario that it is trained for.
  public let name: String
  /// The settings of extractors and fusion models.
  public let training: TrainingSettings
  /// The settings of the manifold.
  public let manifold: ManifoldSettings
  /// The trainings of further fusion models, for defences that have their own; no two equal.
  public let further: [FusionTraining]
  /// The protection that its defence is chosen for; nil if the defence is the scenario's to say.
  public let protection: Protection?
  /// Whether rows are held out to set the limits of gate and suspects; a vote has no use for them.
  public var isCalibrated = true
  /// Kept in the bundle, so that agents find their own rows.
  public let source: JSONValue

  /// - Parameters:
  ///   - training: With the alternatives to it, if there are any.
  ///   - further: No two equal.
  ///   - protection: What its defence is chosen for; nil if the defence is the scenario's to say.
  public init(
    name: String, training: TrainingSettings, manifold: ManifoldSettings, further: [FusionTraining] = [],
    protection: Protection? = nil, source: JSONValue
  ) {
    self.name = name
    self.training = training
    self.manifold = manifold
    self.further = further
    self.protection = protection
    self.source = source
  }

  /// Trains a bundle.
  ///
  /// - Parameters:
  ///   - dataset: Only its training rows are used.
  ///   - seed: Gives the initial weights, the order of the rows and the held-out rows.
  ///   - report: Called after each epoch.
  /// - Throws: ``CopurError`` if the settings do not fit the data; `NumericsError` if a training diverges;
  ///   `CancellationError`.
  public func train(
    on dataset: Dataset, seed: UInt64, report: @escaping TrainingProgress.Report = { _ in }
  ) async throws -> ModelBundle {
    try await withTaskExecutorPreference(TrainingExecutor.shared) {
      try await trained(
        on: dataStage(classes: dataset.classNames.count).run(on: dataset, seed: seed, report: report), seed: seed,
        report: report)
    }
  }

  /// Trains a bundle with agents that hold their features themselves. Rows that a simulation spoils were spoiled where they are.
  ///
  /// - Parameters:
  ///   - rows: The training rows; what agents hold of them is asked for.
  ///   - seed: Gives the fusion center's initial weights, the order of the rows and the held-out rows.
  ///   - report: Called after each epoch.
  /// - Throws: As ``train(on:seed:report:)``, and ``CopurError`` of code `.configuration` for what needs all features, or
  ///   the labels where the features are.
  public func train(
    with rows: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report = { _ in }
  ) async throws -> ModelBundle {
    try checkNetwork()
    return try await withTaskExecutorPreference(TrainingExecutor.shared) {
      try await trained(
        on: dataStage(classes: rows.classNames.count).run(on: rows, truth: nil, seed: seed, report: report),
        seed: seed, report: report)
    }
  }

  private func dataStage(classes: Int) -> DataStage { DataStage(training: training.fitted(toClasses: classes)) }

  /// The ways to train for so many classes: the scenario's, then its alternatives.
  private func recipes(classes: Int) -> [TrainingRecipe] {
    let training = training.fitted(toClasses: classes)
    return ([training.alone] + training.alternatives).map {
      TrainingRecipe(
        name: name, source: source, training: $0, manifold: manifold, further: further, isCalibrated: isCalibrated)
    }
  }

  /// Decides on held-out rows what is left open, and runs what was decided on all.
  private func trained(
    on data: DataStage.Result, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> ModelBundle {
    let recipes = recipes(classes: data.rows.classNames.count)
    let (plan, judged, protected): (TrainingPlan, [BundleManifest.JudgedTraining], ProtectionRecord?)
    if let protection {
      guard training.extractor != .given || training.bringsModels else {
        throw CopurError(
          .configuration,
          "a defense that is chosen (auto) brings extractors of its own, and the scenario gives \(training.given?.name ?? "some"): "
            + "name the defense")
      }
      let choice = try await ProtectionChoice(recipe: recipes[0], protection: protection)
        .choose(on: data.rows, seed: seed, report: report)
      (plan, judged, protected) = (choice.plan, [], choice.record)
    } else {
      (plan, judged) = try await TrainingChoice(recipes: recipes).choose(on: data.rows, seed: seed, report: report)
      protected = nil
    }
    return try await plan.run(on: data.rows, seed: seed, report: report).describing { manifest in
      if !judged.isEmpty { manifest.trainings = judged }
      if let protected { manifest.protection = protected }
      if let audit = data.audit { manifest.audit = audit }
    }
  }
}

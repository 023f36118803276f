public import CopurCore
internal import CopurLearning
package import CopurNumerics
internal import CopurPurification
internal import Foundation

/// Trains everything that a bundle holds, in the paper's order (CoPur, sections 2.1 and D): extractors and fusion model
/// jointly, the manifold on the training embeddings, the fusion model again on the manifold's output.
///
/// What is left open (`alternatives:` to the training, `code: auto`, and the limits of gate and suspects) is decided on
/// training rows held out from first trainings; then all training rows are used. Test rows are never looked at.
public struct BundleTrainer: Sendable {
  /// Called as work goes on.
  public typealias Report = @Sendable (TrainingProgress) -> Void

  /// Kept in the bundle: the scenario that it is trained for.
  public let name: String
  /// How extractors and fusion models are trained.
  public let training: TrainingSettings
  /// What the manifold is, and how it is fitted.
  public let manifold: ManifoldSettings
  /// How further fusion models are trained, for defences that have their own; no two equal.
  public internal(set) var further: [FusionTraining]
  /// What its defence is chosen for; nil if the defence is the scenario's to say.
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

  /// The same with what makes agents redundant and lets them have equal say on a manifold of one dimension, where there are
  /// certificates: extractors that learn from zero, a head for each agent, blocks of equal energy.
  var forCertificates: BundleTrainer {
    var settings = training.alone
    (settings.extractor, settings.extractorStart, settings.imported) = (.linear, .zero, nil)
    (settings.agentHeads, settings.equalEnergy) = (true, true)
    settings.voters = nil
    return BundleTrainer(
      name: name, training: settings, manifold: ManifoldSettings(kind: .linear, code: 1), source: source)
  }

  /// The same with voters, for extractors or at the fusion center, and nothing that a vote has no use for.
  var forVoters: BundleTrainer {
    var settings = training.alone
    if !settings.hasVotersAtCenter { (settings.extractor, settings.imported) = (.voters, nil) }
    var trainer = BundleTrainer(
      name: name, training: settings, manifold: ManifoldSettings(kind: .linear, code: 1), source: source)
    trainer.isCalibrated = false
    return trainer
  }

  /// A bundle by settings of which nothing is left open, to be judged on rows that it was not trained on, and its agents.
  ///
  /// - Parameters:
  ///   - purpose: The name of this training among those by the same settings.
  ///   - gateLimits: The gate's limit for each agent; nil for a bundle that has no use for a gate.
  func fittedBundle(
    on rows: TrainingRows, purpose: String, seed: UInt64, gateLimits: [Float]? = nil
  ) async throws -> (bundle: ModelBundle, agents: any TrainedAgents) {
    let trainer = fitted(toClasses: rows.classNames.count)
    let calibration = BundleCalibration(
      trainer: trainer, folds: [], layout: trainer.layout(agents: rows.roster.count))
    let plan = TrainingPlan(
      trainer: trainer, manifold: manifold, candidates: [], calibration: calibration,
      gateLimits: gateLimits ?? calibration.calibrator.gateLimits())
    return try await trainer.trained(
      as: plan, judged: [], on: rows, purpose: purpose, seed: seed, report: { _ in })
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
    on dataset: Dataset, seed: UInt64, report: @escaping Report = { _ in }
  ) async throws -> ModelBundle {
    let trainer = fitted(toClasses: dataset.classNames.count)
    let dataset = training.poison?.applied(to: dataset, seed: seed) ?? dataset
    return try await withTaskExecutorPreference(TrainingExecutor.shared) {
      guard let robust = training.robust else {
        return try await trainer.trained(on: TrainingRows(dataset), seed: seed, report: report)
      }
      switch robust.views {
      case .features:
        let judgement = try await TrainingAudit(settings: robust).judge(dataset, seed: seed, report: report)
        let audited = dataset.with(
          train: dataset.train.audited(labels: judgement.labels, doubts: judgement.doubts)
            .selecting(judgement.kept))
        return try await trainer.trained(on: TrainingRows(audited), seed: seed, report: report).with(judgement.record)
      case .embeddings:
        let rows = TrainingRows(dataset)
        let judgement = try await trainer.judge(
          rows, by: robust, truth: dataset.train.poisoned?.labels, seed: seed, report: report)
        // Rows keep their numbers, by which agents in processes of their own know them.
        return try await trainer.trained(on: rows.judged(judgement), seed: seed, report: report)
          .with(judgement.record)
      }
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
    with rows: TrainingRows, seed: UInt64, report: @escaping Report = { _ in }
  ) async throws -> ModelBundle {
    let trainer = fitted(toClasses: rows.classNames.count)
    try checkNetwork()
    return try await withTaskExecutorPreference(TrainingExecutor.shared) {
      guard let robust = training.robust else {
        return try await trainer.trained(on: rows, seed: seed, report: report)
      }
      let judgement = try await trainer.judge(rows, by: robust, truth: nil, seed: seed, report: report)
      return try await trainer.trained(on: rows.judged(judgement), seed: seed, report: report)
        .with(judgement.record)
    }
  }

  /// How many joint trainings a bundle takes over the network: one on all rows, and for each way to train one in each run of rows
  /// that is held out, where any are; for a defence that is chosen those of the choice. A look through the rows takes none.
  public var jointTrainings: ClosedRange<Int> {
    guard protection == nil else { return ProtectionChoice.jointTrainings }
    let count = 1 + (isCalibrated ? (1 + training.alternatives.count) * HeldOutFold.count : 0)
    return count...count
  }

  /// Checks that agents in processes of their own can train so.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` for what needs all features in one process, or the labels where the
  ///   features are.
  public func checkNetwork() throws {
    guard ([training] + training.alternatives).allSatisfy({ $0.extractor != .given && $0.extractor != .imported })
    else {
      throw CopurError(
        .configuration,
        "over the network extractors are trained, and those that are given or imported are not: leave out --network")
    }
    guard ([training] + training.alternatives).allSatisfy(\.extractor.isJoint),
      protection == nil || training.hasVotersAtCenter
    else {
      throw CopurError(
        .configuration,
        "over the network agents get no labels, which their voters would learn from: have voters at the fusion center, with "
          + "`training: { voters: { at: center } }`, or train in one process")
    }
    guard training.robust?.views != .features else {
      throw CopurError(
        .configuration,
        "over the network training rows are looked through by embeddings, since features stay with the agents: have "
          + "`robust: { views: embeddings }`, or leave out --network")
    }
  }

  /// The same with the width of the embeddings that voters of so many classes send.
  func fitted(toClasses classes: Int) -> BundleTrainer {
    func fitted(_ settings: TrainingSettings) -> TrainingSettings {
      var settings = settings
      if settings.extractor == .voters {
        settings.embedding = ClassificationLoss(classes: classes).logits(classes: classes)
      }
      settings.alternatives = settings.alternatives.map(fitted)
      return settings
    }
    var trainer = BundleTrainer(
      name: name, training: fitted(training), manifold: manifold, further: further, protection: protection,
      source: source)
    trainer.isCalibrated = isCalibrated
    return trainer
  }

  private func trained(on rows: TrainingRows, seed: UInt64, report: @escaping Report) async throws -> ModelBundle {
    try checkWeights(of: rows)
    let rows = try rows.heard()
    guard let protection else { return try await chosen(on: rows, seed: seed, report: report) }
    guard training.extractor != .given else {
      throw CopurError(
        .configuration,
        "a defense that is chosen (auto) brings extractors of its own, and the scenario gives \(training.given?.name ?? "some"): "
          + "name the defense")
    }
    let (trainer, record) = try await ProtectionChoice(trainer: self, protection: protection)
      .choose(on: rows, seed: seed, report: report)
    let bundle = try await trainer.fitted(toClasses: rows.classNames.count)
      .chosen(on: rows, seed: seed, report: report)
    var manifest = bundle.manifest
    manifest.protection = record
    return try ModelBundle(manifest: manifest, parts: bundle.parts)
  }

  /// Checks that no extractor has too many weights.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` that names the agent.
  func checkWeights(of rows: TrainingRows) throws {
    for settings in [training] + training.alternatives {
      if settings.extractor == .imported {
        try settings.checkImportedWidths(agents: rows.roster.count)
        continue
      }
      for (agent, width) in zip(rows.roster.agents, rows.roster.layout.widths)
      where width.multipliedReportingOverflow(by: settings.embedding).partialValue > TrainingSettings.weightLimit {
        throw CopurError(
          .configuration,
          "an extractor's weights, features × embedding, are at most \(TrainingSettings.weightLimit) (agent \(agent): "
            + "\(width) × \(settings.embedding))")
      }
    }
  }

  /// Trains by what training rows prefer of what is left open.
  private func chosen(on rows: TrainingRows, seed: UInt64, report: @escaping Report) async throws -> ModelBundle {
    let (plan, judged) = try await TrainingChoice(trainer: self).choose(on: rows, seed: seed, report: report)
    return try await plan.trainer.trained(
      as: plan, judged: judged, on: rows, purpose: "all rows", seed: seed, report: report
    ).bundle
  }

  /// Trains by settings of which nothing is left open.
  ///
  /// - Parameter purpose: The name of this training among those by the same settings.
  private func trained(
    as plan: TrainingPlan, judged: [BundleManifest.JudgedTraining], on rows: TrainingRows, purpose: String,
    seed: UInt64, report: @escaping Report
  ) async throws -> (bundle: ModelBundle, agents: any TrainedAgents) {
    let joint = try await trainExtractors(on: rows, purpose: purpose, seed: seed, report: report)
    let (roster, labels) = (rows.roster, rows.labels)
    let clean = try await rows.observed(by: joint.agents, areVoters: training.extractor == .voters)
    let completed = try BlockCompletion.complete(clean)
    let fitted = try fitManifold(plan.manifold, to: completed, seed: seed, report: report)
    let purified = try trainPurifiedModel(
      behind: fitted, on: clean, labels: labels, classes: rows.classNames.count, seed: seed, report: report)
    let furtherModels = try await FurtherModelTrainer(
      trainer: self, clean: clean, labels: labels, classes: rows.classNames.count, seed: seed
    ).train(further, report: report)
    let centerVoters =
      training.hasVotersAtCenter
      ? try await trainCenterVoters(
        on: clean, labels: labels, classes: rows.classNames.count, seed: seed, report: report) : nil
    let (limits, record) = try await plan.calibration.calibrate(
      fitted, settings: plan.manifold, agents: roster.agents, clean: clean, gateLimits: plan.gateLimits, seed: seed)
    var manifest = BundleManifest(
      name: name,
      agents: roster.agents.enumerated().map { index, agent in
        .init(
          name: agent, features: roster.layout.widths[index], embedding: clean.layout.widths[index],
          geometry: roster.geometries[index], columns: rows.columns?[index])
      },
      classes: rows.classNames, seed: seed, candidates: plan.candidates, leverage: try leverage(of: fitted),
      calibration: record,
      settings: .object([
        "training": try JSONValue(encoding: training), "manifold": try JSONValue(encoding: plan.manifold),
      ]),
      dataset: source, datasetDigest: rows.digest)
    manifest.computedWith = "\(ComputeKernel.library), kernel \(ComputeKernel.current)"
    manifest.silent = rows.silence.share == nil ? nil : rows.silence
    let unheard = roster.agents.enumerated().filter { clean.samples(observing: $0.offset).isEmpty }.map(\.element)
    manifest.unheard = unheard.isEmpty ? nil : unheard
    manifest.trainings = judged.isEmpty ? nil : judged
    let bundle = try ModelBundle(
      manifest: manifest, extractors: joint.agents.extractors, manifold: fitted, jointModel: joint.fusion,
      purifiedModel: purified, calibration: limits, furtherModels: furtherModels,
      centerVoters: centerVoters)
    return (bundle, joint.agents)
  }

  private func leverage(of manifold: any Manifold) throws -> [LeverageConstant] {
    guard let affine = manifold as? any AffineManifold else { return [] }
    return try LeverageAnalysis(directions: affine.directions, layout: manifold.layout).constants()
  }

  /// D values: a block for each agent, of the set width or of an imported extractor's.
  func layout(agents: Int) -> BlockLayout {
    if training.extractor == .imported, let widths = training.imported?.widths { return BlockLayout(widths: widths) }
    return BlockLayout(widths: [Int](repeating: training.embedding, count: agents))
  }

  /// Extractors and fusion model, trained jointly; agents learn from ∂ℓ/∂h_i alone.
  ///
  /// - Parameters:
  ///   - purpose: The name of this training among those by the same settings.
  ///   - epochs: Passes over the rows; nil for as many as the settings say.
  package func trainJointly(
    on rows: TrainingRows, purpose: String, seed: UInt64, epochs: Int? = nil, report: @escaping Report
  ) async throws -> (agents: any TrainedAgents, fusion: FusionModel) {
    let rows = rows.believed
    var generator = SeededGenerator(seed: seed, purpose: JointJob.purpose)
    let (classes, widths) = (rows.classNames.count, rows.roster.layout.widths)
    let layout = layout(agents: rows.roster.count)
    // The agents' first weights are drawn by them; they come first in the sequence.
    for width in widths { AgentTraining.skipWeights(training, inputs: width, using: &generator) }
    let fusion = fusionNetwork(inputs: layout.totalWidth, classes: classes, using: &generator)
    var jointly = JointTraining(layout: layout, loss: ClassificationLoss(classes: classes))
    jointly.classWeights = classWeights(of: rows.labels, classes: classes)
    jointly.agentDropout = training.agentDropout
    jointly.hasAgentHeads = training.agentHeads
    jointly.exchange = training.jointExchange
    if rows.presence.contains(false) { jointly.presence = BlockPresence(layout: layout, flags: rows.presence) }
    let job = JointJob(
      name: try name(of: purpose), training: training.alone, seed: seed, rows: rows.numbers,
      isHeard: (0..<rows.roster.count).map { rows.isHeard($0) },
      lies: rows.roster.agents.map { training.attack?.lie(of: $0) })
    let epochs = epochs ?? training.epochs
    let (agents, center) = try await rows.agents.train(
      job,
      center: JointTrainingCenter(
        jointly, fusion: fusion, labels: rows.labels, optimizer: training.jointOptimizer(rows: rows.count),
        epochs: epochs,
        batch: training.batch, using: &generator)
    ) {
      report(TrainingProgress(stage: "extractors and fusion model", completed: $0, total: epochs, loss: $1))
    }
    let model = FusionModel(network: center.fusion, classes: classes)
    guard training.equalEnergy else { return (agents, model) }
    let scales = EqualEnergy.scales(of: try await rows.observed(by: agents, areVoters: false))
    return (
      try await agents.scaling(by: scales.map { 1 / $0 }), EqualEnergy.apply(scales, fusion: model, layout: layout)
    )
  }

  /// A name that tells a joint training from those by other settings.
  private func name(of purpose: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let digest = SHA256Digest.hexadecimal(of: try encoder.encode(training.alone))
    return "\(purpose), \(digest.prefix(8))"
  }

  /// How much a sample of each class counts in every loss; nil for 1 each.
  func classWeights(of labels: [Int], classes: Int) -> [Float]? {
    training.classBalanced ? ClassificationLoss.balancedWeights(labels: labels, classes: classes) : nil
  }

  /// The manifold of clean embeddings, of a dimension that is set.
  package func fitManifold(
    _ settings: ManifoldSettings, to embeddings: Matrix, seed: UInt64, report: Report
  ) throws -> any Manifold {
    let layout = layout(agents: embeddings.columns / training.embedding)
    guard let code = settings.code, code <= layout.totalWidth else {
      throw CopurError(
        .configuration,
        "manifold.code is at most the width of all embeddings, \(layout.totalWidth) (actual: \(settings.code ?? 0))")
    }
    switch settings.kind {
    case .linear:
      return try LinearManifold(fitting: embeddings, layout: layout, dimension: code)
    case .autoencoder:
      var generator = SeededGenerator(seed: seed, purpose: "autoencoder")
      let activation = Activation.leakyReLU(slope: settings.slope)
      // Leaky ReLU after layers 1 and 3 of four: the code and the output are affine (supplement, section C.2).
      let widths = [layout.totalWidth, settings.hidden, code, settings.hidden, layout.totalWidth]
      let network = DenseNetwork(
        layers: (0..<4).map { index in
          DenseLayer(
            inputs: widths[index], outputs: widths[index + 1], activation: index % 2 == 0 ? activation : .identity,
            using: &generator)
        })
      let trained = try AutoencoderTraining.train(
        network, inputs: embeddings, optimizer: Optimizer(.adam(), learningRate: settings.learningRate),
        epochs: settings.epochs, batch: training.batch, using: &generator
      ) { report(TrainingProgress(stage: "autoencoder", completed: $0, total: settings.epochs, loss: $1)) }
      return AutoencoderManifold(network: trained, layout: layout, embeddings: embeddings)
    }
  }

  /// The fusion model on the manifold's output: D(E(h)) of the training rows, what purification makes of those of which an
  /// agent is missing and, if the settings say so, as many rows purified with agents withheld at random.
  func trainPurifiedModel(
    behind manifold: any Manifold, on clean: Observation, labels: [Int], classes: Int, seed: UInt64, report: Report
  ) throws -> FusionModel {
    var generator = SeededGenerator(seed: seed, purpose: "fusion model")
    let network = fusionNetwork(inputs: clean.layout.totalWidth, classes: classes, using: &generator)
    var (inputs, labels) = (purified(clean, by: manifold), labels)
    if training.fusion.agentDropout > 0 {
      inputs = inputs.appending(rows: purifiedWithDropout(clean, by: manifold, using: &generator))
      labels += labels
    }
    let trained = try ClassifierTraining.train(
      network, inputs: inputs, labels: labels, loss: ClassificationLoss(classes: classes),
      classWeights: classWeights(of: labels, classes: classes),
      optimizer: training.optimizer(
        training.fusion.learningRate, steps: training.steps(rows: labels.count, epochs: training.fusion.epochs)),
      epochs: training.fusion.epochs,
      batch: training.batch,
      using: &generator
    ) {
      report(
        TrainingProgress(
          stage: "fusion model on purified embeddings", completed: $0, total: training.fusion.epochs, loss: $1))
    }
    return FusionModel(network: trained, classes: classes)
  }

  /// D(E(h)) of rows of which all is observed, and what purification makes of the others.
  private func purified(_ clean: Observation, by manifold: any Manifold) -> Matrix {
    var projected = manifold.project(clean.embeddings)
    let incomplete = (0..<clean.samples).filter { !clean.isComplete(sample: $0) }
    guard !incomplete.isEmpty else { return projected }
    let purified = Purifier(manifold: manifold).purify(clean.selecting(incomplete)).embeddings
    for (position, row) in incomplete.enumerated() { projected[row: row] = purified[row: position] }
    return projected
  }

  /// What purification makes of rows of which each block is withheld with a probability; a row keeps at least one.
  private func purifiedWithDropout(
    _ clean: Observation, by manifold: any Manifold, using generator: inout SeededGenerator
  ) -> Matrix {
    var observation = clean
    for sample in 0..<clean.samples {
      let order = generator.permutation(manifold.layout.count).filter { clean.isObserved(block: $0, of: sample) }
      for block in order.dropFirst() where generator.uniform() < Double(training.fusion.agentDropout) {
        observation.withhold(block: block, of: sample)
      }
    }
    return Purifier(manifold: manifold).purify(observation).embeddings
  }

  /// A fusion model's network before any training.
  func fusionNetwork(inputs: Int, classes: Int, using generator: inout SeededGenerator) -> DenseNetwork {
    DenseNetwork(
      widths: [inputs, training.hidden, ClassificationLoss(classes: classes).logits(classes: classes)],
      hidden: .leakyReLU(slope: training.slope), using: &generator)
  }
}

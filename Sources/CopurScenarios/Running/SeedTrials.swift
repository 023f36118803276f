internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurReports

/// All trials of one seed and one bundle.
struct SeedTrials: Sendable {
  let scenario: Scenario
  let dataset: Dataset
  /// Those of the scenario's that decide by this bundle.
  let defenses: [DefenseSpec]
  let bundle: ModelBundle
  let seed: UInt64
  /// The measurements from before, which are not played again.
  let earlier: [ResultRow]

  /// Plays every attack against every defence, in the scenario's order.
  ///
  /// - Parameter measured: Called after each trial with its row and predictions.
  func play(
    on stage: some TrialStage, mode: ResultRow.Mode, measured: (ResultRow, [PredictionRow]) async throws -> Void
  ) async throws {
    let labels = dataset.test.labels
    let clean = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    let defenses = try self.defenses.map { try $0.make(from: bundle) }
    let cleanPredictions = try defenses.map { defense in
      let labels = defense.decide(clean).map(\.label)
      try Failure.check(defense)
      return labels
    }
    let recordings = Recordings(
      try bundle.observe(dataset.train.features, layout: dataset.roster.layout), labels: dataset.train.labels)
    let raw = RawFeatures(
      features: dataset.test.features, layout: dataset.roster.layout, agents: bundle.roster.agents,
      extractors: bundle.extractors, training: dataset.train.features)
    let clock = ContinuousClock()
    var strength = AttackStrength()
    for (number, attack) in scenario.attacks.enumerated() {
      let plan = try attack.plan(for: bundle.roster)
      for (index, deployed) in defenses.enumerated() {
        if let row = earlier.first(where: { $0.attack == attack.name && $0.defense == deployed.name }) {
          // Later rows are compared with it.
          _ = strength.warnings(of: row)
          continue
        }
        let defense = try (deployed as? any OracleDefense)?.told(compromised: plan.compromised) ?? deployed
        // White-box on the fusion model that the defence ends in, as in the paper, which does not know of the purifier;
        // adaptive attacks are given the whole defence.
        let surrogate = defense.surrogate(otherwise: bundle.jointModel)
        let outcome = plan.apply(
          to: clean, labels: labels, victim: surrogate, defended: defense.victim(surrogate: surrogate),
          context: AttackContext(seed: seed, name: attack.name, recordings: recordings, raw: raw))
        // A cancelled attack ends early, with less than it can do.
        try Task.checkCancellation()
        try Failure.check(raw)
        for attack in plan.parts.map(\.attack) + [plan.search?.attack].compactMap({ $0 }) { try Failure.check(attack) }
        let trial = Trial(
          seed: seed, attackNumber: number, attack: attack, defense: defense, received: outcome.received,
          heard: clean.observed, rounds: scenario.rounds)
        let start = clock.now
        let decisions = try await stage.play(trial)
        let seconds = (clock.now - start) / .seconds(1)
        let predictions = decisions.map { $0?.label }
        var row = ResultRow(
          scenario: scenario.name, dataset: dataset.name, seed: seed, mode: mode, defense: defense.name,
          attack: attack.name, attackKinds: attack.kinds, goal: attack.goal,
          compromised: outcome.compromised.map { bundle.roster.agents[$0].name },
          missing: outcome.missing.map { bundle.roster.agents[$0].name },
          amplification: attack.amplification.map { Double("\($0)") ?? Double($0) },
          n: labels.count, accuracy: Metrics.accuracy(labels: labels, predictions: predictions),
          balancedAccuracy: Metrics.balancedAccuracy(labels: labels, predictions: predictions),
          majorityRate: Metrics.majorityRate(labels: labels),
          attackSuccessRate: successRate(of: attack, predictions: predictions, clean: cleanPredictions[index]),
          cleanSuccessRate: cleanRate(of: attack, clean: cleanPredictions[index]),
          secondsPerSample: seconds / Double(labels.count), changeNorm: outcome.changeNorm,
          search: outcome.strategy?.rawValue, knowledge: attack.knowledge?.rawValue, warnings: outcome.warnings)
        row.estimateDeviations(labels: labels, predictions: predictions)
        row.judge(
          named: decisions.map { $0?.suspects }, observed: trial.received.observed, lied: outcome.lied,
          by: bundle.manifest, isClean: attack.isClean)
        row.residuals = AgentResiduals.of(
          agents: bundle.roster.agents.map(\.name), samples: decisions.map { $0?.residuals })
        // Over the network nobody but the fusion center knows what it recovered.
        if mode == .inProcess { row.reconstruction = trial.reconstructionError(clean: clean) }
        row.warnings += strength.warnings(of: row)
        if attack.isClean {
          row.warnings += BundleWarnings(bundle, defense: deployed).warnings(of: row, predictions: predictions)
        }
        try await measured(
          row,
          predictions.enumerated().map { sample, prediction in
            PredictionRow(
              seed: seed, attack: attack.name, defense: defense.name, sample: sample, label: labels[sample],
              prediction: prediction, certifiedAgents: decisions[sample]?.certifiedAgents)
          })
      }
    }
  }

  /// The gain of an attack over no attack: the fraction of the samples on which it does not have what it wants anyway.
  private func successRate(of attack: AttackSpec, predictions: [Int?], clean: [Int]) -> Double? {
    guard !attack.isClean else { return nil }
    return Metrics.attackGain(
      labels: dataset.test.labels, predictions: predictions, clean: clean, targets: targets(of: attack))
  }

  /// The rate at which a targeted attack has what it wants when nobody is attacked.
  private func cleanRate(of attack: AttackSpec, clean: [Int]) -> Double? {
    guard attack.goal == "targeted" else { return nil }
    return Metrics.attackSuccessRate(labels: dataset.test.labels, predictions: clean, targets: targets(of: attack))
  }

  private func targets(of attack: AttackSpec) -> [Int?] {
    attack.targets(labels: dataset.test.labels, classes: bundle.manifest.classes.count)
  }
}

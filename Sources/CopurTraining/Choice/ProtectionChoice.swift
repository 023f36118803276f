internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics

/// A defence for a threat, chosen on training rows alone.
///
/// The candidates are trained on four fifths of the training rows and judged on the fifth that is left, in turn, so that each
/// row is judged once, by models that never saw it. What counts is what is certified under the threat; where there is no
/// certificate, what an adaptive attacker leaves of some rows is shown, which flatters. The first candidate is a vote of
/// agents with nothing chosen about it, since a choice among many on a few days' rows promises what later days do not keep.
/// Another one takes its place only if it is certified, too, and for a gain of two standard deviations, by a bootstrap over
/// runs of rows. The last one is no defence, with the models that the scenario trains without one: where nothing that is certified
/// beats a constant guess at a cost that is allowed, what is best without an attack and gives up nothing under it is taken.
package struct ProtectionChoice {
  /// The recipe by which the scenario trains for all.
  let recipe: TrainingRecipe
  let protection: Protection

  /// The number of runs of consecutive rows that are held out in turn.
  private static let folds = 5

  /// The number of joint trainings that a choice takes, with that of the bundle that is chosen: those for the limits of
  /// purification's gate, which the bundle takes over where it has one, two in each run that is held out, and one.
  package static let jointTrainings = HeldOutFold.count + 2 * folds + 1

  /// A defence that is considered, and what trains it.
  private struct Candidate {
    /// The models that it decides by.
    enum Models { case joint, voters, undefended }
    let kind: any DefenseKind
    var models: Models { kind.needsVoters ? .voters : kind is Unsecured.Settings ? .undefended : .joint }
  }

  /// - Returns: What to train, without calibration where the choice has no use for it, and with that on which candidates were
  ///   judged where it has; and how it came about.
  /// - Throws: What a training throws; ``CopurError`` if there are too few rows to hold any out.
  func choose(
    on all: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> (plan: TrainingPlan, record: ProtectionRecord) {
    let (rows, classes) = (all.count, all.classNames.count)
    guard rows >= 2 * Self.folds else {
      throw CopurError(.configuration, "a choice of a defense needs training rows to hold out (rows: \(rows))")
    }
    let candidates = candidates(of: all)
    var joint = recipe.forCertificates
    let calibration = try await TrainingChoice(recipes: [joint]).choose(on: all, seed: seed, report: report).0
      .calibration
    joint.further = candidates.compactMap(\.kind.training)
    let (jointRecipe, voters, agents) = (joint, recipe.forVoters(classes: classes), all.roster.count)
    report(TrainingProgress(stage: "choosing a defense", completed: 0, total: Self.folds))
    var judged = candidates.map { _ in JudgedDefense() }
    let compromised = try protection.threat.compromised(in: all.roster)
    for fold in 0..<Self.folds {
      let range = fold * rows / Self.folds..<(fold + 1) * rows / Self.folds
      let (heldOut, rest) = (all.selecting(range), all.selecting((0..<rows).filter { !range.contains($0) }))
      let purpose = "without fifth \(fold + 1)"
      func models(_ trained: (bundle: ModelBundle, agents: any TrainedAgents)) async throws -> Models {
        Models(
          bundle: trained.bundle, fusion: trained.bundle.jointModel,
          rows: try await JudgedRows(of: trained.agents, heldOut: heldOut, rest: rest))
      }
      // Side by side: between agents that are far away each waits for an answer most of the time.
      async let jointModels = models(
        jointRecipe.run(
          on: rest,
          calibration: jointRecipe.calibrationStage([], agents: agents, gateLimits: calibration.gateLimits),
          purpose: purpose, seed: seed, report: { _ in }))
      async let voterModels = models(
        voters.run(
          on: rest, calibration: voters.calibrationStage([], agents: agents), purpose: purpose, seed: seed,
          report: { _ in }))
      let (joint, voting) = try await (jointModels, voterModels)
      // Voters at the fusion center are behind the models that the scenario trains without a defence.
      let isTrained = recipe.training.hasVotersAtCenter
      let undefended =
        isTrained
        ? voting : try await modelsWithoutDefense(heldOut: heldOut, rest: rest, purpose: purpose, seed: seed)
      let results = try await concurrentMap(0..<candidates.count) { index in
        let kind = candidates[index].kind
        switch candidates[index].models {
        case .undefended:
          return try JudgedDefense(
            Unsecured(layout: undefended.rows.heldOut.layout, model: undefended.fusion), otherwise: undefended.fusion,
            on: undefended.rows, against: compromised, seed: seed)
        case .joint, .voters:
          let models = candidates[index].models == .joint ? joint : voting
          guard let bundle = models.bundle else { throw CopurError(.software, "a defense is made from a bundle") }
          return try JudgedDefense(
            kind.make(named: kind.kind, from: bundle), otherwise: models.fusion, on: models.rows,
            against: compromised, seed: seed)
        }
      }
      for (index, result) in results.enumerated() { judged[index].append(result) }
      report(TrainingProgress(stage: "choosing a defense", completed: fold + 1, total: Self.folds))
    }
    let undefended = judged[judged.count - 1]
    var record = ProtectionRecord(
      threat: protection.threat, rows: rows, majority: Metrics.majorityRate(labels: undefended.labels),
      classes: classes, cost: Double("\(protection.cost)") ?? Double(protection.cost), undefended: undefended.clean,
      candidates: candidates.indices.map { index in
        let result = judged[index]
        var record = result.record(of: candidates[index].kind, comparedWith: judged[0], undefended: undefended)
        record.isEligible =
          Self.isAffordable(record, isDefault: index == 0, cost: Double(protection.cost)) && result.saysEveryClass
        return record
      })
    let (taken, reason) = Self.choice(record)
    record.candidates[taken].isTaken = true
    record.reason = reason
    let kind = candidates[taken].kind
    func plan(_ recipe: TrainingRecipe, _ calibration: CalibrationStage? = nil) -> TrainingPlan {
      TrainingPlan(
        recipe: recipe, candidates: [], calibration: calibration ?? recipe.calibrationStage([], agents: agents))
    }
    switch candidates[taken].models {
    case .voters: return (plan(voters), record)
    case .undefended: return (plan(recipe.withoutDefense), record)
    case .joint:
      joint.further = [kind.training].compactMap { $0 }
      return (plan(joint, calibration), record)
    }
  }

  /// The models that candidates are judged by in one run of held-out rows.
  private struct Models {
    /// The bundle that defences are made from; nil for the models without one.
    let bundle: ModelBundle?
    let fusion: FusionModel
    let rows: JudgedRows
  }

  /// The scenario's models without a defence.
  private func modelsWithoutDefense(
    heldOut: TrainingRows, rest: TrainingRows, purpose: String, seed: UInt64
  ) async throws -> Models {
    let models = try await recipe.extractorStage.run(
      on: rest, purpose: "without a defense, \(purpose)", seed: seed, report: { _ in })
    return Models(
      bundle: nil, fusion: models.fusion,
      rows: try await JudgedRows(of: models.agents, heldOut: heldOut, rest: rest))
  }

  /// The default first, no defence last. For two classes the default is a vote of bounded evidence; for more it is double masking,
  /// which needs no bound, as long as the agents are more than twice the liars.
  private func candidates(of rows: TrainingRows) -> [Candidate] {
    let threat = protection.threat
    let context = KindContext(agents: rows.roster.agents, classNames: rows.classNames, threat: threat)
    let agents = rows.roster.count
    let liars = threat.any + threat.agents.count
    var kinds: [any DefenseKind] = [AgentVote.Settings(in: context)]
    if threat.agents.isEmpty, liars >= 1, 2 * liars < agents {
      let masking = DoubleMasking.Settings(in: context)
      kinds.insert(masking, at: rows.classNames.count == 2 ? 1 : 0)
    }
    if liars >= 1, liars < agents {
      // Few enough to be seen together that most sets have no liar, which is what certifies.
      kinds.append(
        RandomizedAblation.Settings(training: AblationTrainingSettings(keep: max(1, agents / (2 * (liars + 1))))))
    }
    kinds.append(CoPur.Settings())
    kinds.append(Unsecured.Settings())
    return kinds.map { Candidate(kind: $0) }
  }
}

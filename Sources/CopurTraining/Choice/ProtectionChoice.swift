internal import CopurAttacks
package import CopurCore
internal import CopurDefenses
internal import CopurNumerics

/// A defence for a threat, chosen on training rows alone.
///
/// The candidates are trained on four fifths of the training rows and judged on the fifth that is left, in turn, so that each
/// row is judged once, by models that never saw it. What counts is what is certified under the threat; where there is no
/// certificate, what an adaptive attacker leaves of some rows is shown, which flatters. The first candidate is a vote of
/// agents with nothing chosen about it, since a choice among many on a few days' rows promises what later days do not keep.
/// Another one takes its place only if it is certified, too, and for a gain of two standard deviations, by a bootstrap over
/// runs of rows.
package struct ProtectionChoice {
  /// How the scenario trains for all.
  let recipe: TrainingRecipe
  let protection: Protection

  /// How many runs of consecutive rows are held out in turn.
  private static let folds = 5
  /// A gain is one if it is this many standard deviations.
  private static let deviations = 2.0

  /// How many joint trainings a choice takes, with those of the bundle that is chosen: the limits of purification's gate, two in
  /// each run that is held out, and one or, with a gate, as many as for its limits again.
  package static let jointTrainings = HeldOutFold.count + 2 * folds + 1...2 * (HeldOutFold.count + folds) + 1

  /// A defence that is considered, and what trains it.
  private struct Candidate {
    let kind: any DefenseKind
    var usesVoters: Bool { kind.needsVoters }
  }

  /// - Returns: The recipe of the choice, without calibration where the choice has no use for it; and how it came about.
  /// - Throws: What a training throws; ``CopurError`` if there are too few rows to hold any out.
  func choose(
    on all: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> (recipe: TrainingRecipe, record: ProtectionRecord) {
    let (rows, classes) = (all.count, all.classNames.count)
    guard rows >= 2 * Self.folds else {
      throw CopurError(.configuration, "a choice of a defense needs training rows to hold out (rows: \(rows))")
    }
    let candidates = candidates(of: all)
    var joint = recipe.forCertificates
    let (plan, _) = try await TrainingChoice(recipes: [joint]).choose(on: all, seed: seed, report: report)
    joint.further = candidates.compactMap(\.kind.training)
    let (jointRecipe, voters, agents) = (joint, recipe.forVoters(classes: classes), all.roster.count)
    report(TrainingProgress(stage: "choosing a defense", completed: 0, total: Self.folds))
    var judged = candidates.map { _ in JudgedDefense() }
    var undefended = JudgedDefense()
    for fold in 0..<Self.folds {
      let range = fold * rows / Self.folds..<(fold + 1) * rows / Self.folds
      let (heldOut, rest) = (all.selecting(range), all.selecting((0..<rows).filter { !range.contains($0) }))
      let purpose = "without fifth \(fold + 1)"
      // Side by side: between agents that are far away each waits for an answer most of the time.
      async let jointRows = JudgedRows(
        of: jointRecipe.run(
          on: rest,
          calibration: jointRecipe.calibrationStage([], agents: agents, gateLimits: plan.calibration.gateLimits),
          purpose: purpose, seed: seed, report: { _ in }), heldOut: heldOut, rest: rest)
      async let voterRows = JudgedRows(
        of: voters.run(
          on: rest, calibration: voters.calibrationStage([], agents: agents), purpose: purpose, seed: seed,
          report: { _ in }), heldOut: heldOut, rest: rest)
      let (joint, voting) = try await (jointRows, voterRows)
      let threat = protection.threat
      let results = try await concurrentMap(0..<candidates.count) { index in
        try JudgedDefense(
          candidates[index].kind, on: candidates[index].usesVoters ? voting : joint, threat: threat, seed: seed)
      }
      for (index, result) in results.enumerated() { judged[index].append(result) }
      // Voters at the fusion center are behind the models that the scenario trains without a defence.
      let isTrained = recipe.training.hasVotersAtCenter
      undefended.append(
        isTrained
          ? JudgedDefense(undefendedBy: voting.bundle.jointModel, of: voting.heldOut, labels: heldOut.labels)
          : try await judgedWithoutDefense(on: heldOut, rest: rest, purpose: purpose, seed: seed))
      report(TrainingProgress(stage: "choosing a defense", completed: fold + 1, total: Self.folds))
    }
    var record = ProtectionRecord(
      threat: protection.threat, rows: rows, majority: Metrics.majorityRate(labels: undefended.labels),
      classes: classes, cost: Double(protection.cost), undefended: undefended.clean,
      candidates: candidates.indices.map { index in
        let result = judged[index]
        var record = result.record(of: candidates[index].kind, comparedWith: judged[0], undefended: undefended)
        record.isEligible =
          Self.isAffordable(record, isDefault: index == 0, cost: Double(protection.cost)) && result.saysEveryClass
        return record
      })
    let taken = Self.choice(record.candidates, classes: record.classes)
    record.candidates[taken].isTaken = true
    let kind = candidates[taken].kind
    if kind.needsVoters { return (voters, record) }
    joint.further = [kind.training].compactMap { $0 }
    return (joint, record)
  }

  /// The scenario's models without a defence, on held-out rows.
  private func judgedWithoutDefense(
    on heldOut: TrainingRows, rest: TrainingRows, purpose: String, seed: UInt64
  ) async throws -> JudgedDefense {
    let models = try await recipe.extractorStage.run(
      on: rest, purpose: "without a defense, \(purpose)", seed: seed, report: { _ in })
    return JudgedDefense(
      undefendedBy: models.fusion, of: try await models.agents.observe(heldOut.numbers), labels: heldOut.labels)
  }

  /// Whether a candidate costs no more clean balanced accuracy than is allowed. The default has the benefit of the doubt:
  /// what a few days' rows say of its cost is a guess, and what would take its place is often worse where it matters.
  package static func isAffordable(
    _ candidate: ProtectionRecord.Candidate, isDefault: Bool, cost: Double
  ) -> Bool {
    candidate.loss - (isDefault ? deviations * candidate.lossDeviation : 0) <= cost
  }

  /// The default where it is eligible, unless a certified one is better beyond doubt; else the eligible one that protects
  /// most, if it protects better than a constant guess; else the default, whatever it costs; and where none is eligible, the
  /// one that is best without an attack.
  ///
  /// - Parameter classes: How many classes there are.
  package static func choice(_ candidates: [ProtectionRecord.Candidate], classes: Int) -> Int {
    let eligible = candidates.indices.filter { candidates[$0].isEligible }
    guard !eligible.isEmpty else {
      return candidates.indices.max { candidates[$0].clean.balanced < candidates[$1].clean.balanced } ?? 0
    }
    let certified = eligible.filter { candidates[$0].isCertified }
    guard eligible.contains(0) else {
      // What costs little and protects from nothing is not what was asked for.
      return certified.filter { index in
        let protected = candidates[index].protected
        return protected.balanced - Self.deviations * protected.deviation > 1 / Double(max(1, classes))
      }.max { candidates[$0].protected.mean < candidates[$1].protected.mean } ?? 0
    }
    let better = certified.filter { index in
      candidates[index].gain > Self.deviations * candidates[index].gainDeviation && candidates[index].gain > 0
    }
    return better.max { candidates[$0].gain < candidates[$1].gain } ?? 0
  }

  /// The default first. For two classes that is a vote of bounded evidence; for more it is double masking, which needs no
  /// bound, as long as the agents are more than twice the liars.
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
    return kinds.map { Candidate(kind: $0) }
  }
}

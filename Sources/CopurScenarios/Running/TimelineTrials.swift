internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics
internal import CopurReports

/// A timeline with one seed and one bundle: a row a segment and defence.
struct TimelineTrials: Sendable {
  let scenario: Scenario
  let timeline: Timeline
  let dataset: Dataset
  /// Those of the scenario's that decide by this bundle; each has the timeline to itself, one after the other.
  let defenses: [DefenseSpec]
  let bundle: ModelBundle
  let seed: UInt64

  /// Plays the timeline against every defence.
  ///
  /// - Parameter measured: Called after each segment with its row and predictions.
  func play(
    on stage: TimelineStage, measured: (ResultRow, [PredictionRow]) async throws -> Void
  ) async throws {
    for defense in defenses {
      try await stage.play(
        timeline, defense: defense.name, session: "seed-\(seed)/timeline/\(defense.name)", rows: dataset.test.count
      ) { segment, rounds in
        let row = row(of: segment, rounds: rounds, defense: defense.name)
        try await measured(
          row,
          rounds.map { round in
            PredictionRow(
              seed: seed, attack: row.attack, defense: defense.name, sample: round.row,
              label: dataset.test.labels[round.row], prediction: round.verdict.decision?.label,
              certifiedAgents: round.verdict.decision?.certifiedAgents)
          })
      }
    }
  }

  private func hasReading(_ agent: AgentID, of row: Int) -> Bool {
    guard let index = dataset.roster.index(of: agent) else { return true }
    let start = row * dataset.test.features.columns
    let columns = dataset.roster.layout[index]
    return bundle.silence.isPresent(
      dataset.test.features.values[start + columns.lowerBound..<start + columns.upperBound])
  }

  private func row(
    of segment: Timeline.Segment, rounds: [TimelineStage.PlayedRound], defense: String
  ) -> ResultRow {
    let roster = bundle.roster
    let labels = rounds.map { dataset.test.labels[$0.row] }
    let predictions = rounds.map { $0.verdict.decision?.label }
    let silent = roster.agents.filter { segment.behaviours[$0] == .silent }
    let flipping = roster.agents.filter { agent in segment.behaviours[agent] != nil && !silent.contains(agent) }
    let amplifications = Set(
      segment.behaviours.values.compactMap { behaviour -> Float? in
        if case .flip(let amplification) = behaviour { amplification } else { nil }
      })
    var row = ResultRow(
      scenario: scenario.name, dataset: dataset.name, seed: seed, mode: .network, defense: defense,
      attack: segment.name(in: roster),
      attackKinds: (silent.isEmpty ? [] : ["missing"]) + (flipping.isEmpty ? [] : ["feature-flipping"]),
      compromised: flipping.map(\.name), missing: silent.map(\.name),
      amplification: amplifications.count == 1 ? amplifications.first.map { Double("\($0)") ?? Double($0) } : nil,
      n: labels.count, accuracy: Metrics.accuracy(labels: labels, predictions: predictions),
      balancedAccuracy: Metrics.balancedAccuracy(labels: labels, predictions: predictions),
      majorityRate: Metrics.majorityRate(labels: labels),
      secondsPerSample: (segment.end - segment.start) / .seconds(1) / Double(max(1, labels.count)),
      knowledge: segment.behaviours.isEmpty ? nil : AttackKnowledge.nothing.rawValue,
      warnings: warnings(of: rounds, silent: Set(silent)))
    let observed = rounds.map { round in
      let contributed = Set(round.verdict.contributed)
      return roster.agents.map { contributed.contains($0) }
    }
    row.estimateDeviations(labels: labels, predictions: predictions)
    row.judge(
      named: rounds.map { $0.verdict.decision?.suspects }, observed: observed.flatMap { $0 },
      lied: observed.flatMap { zip($0, roster.agents).map { $0 && flipping.contains($1) } }, by: bundle.manifest,
      isClean: flipping.isEmpty && silent.isEmpty)
    row.residuals = AgentResiduals.of(
      agents: roster.agents.map(\.name), samples: rounds.map { $0.verdict.decision?.residuals })
    return row
  }

  /// Honest agents that were late, though they had a reading: the service is running, so that its verdicts stand as they are.
  private func warnings(of rounds: [TimelineStage.PlayedRound], silent: Set<AgentID>) -> [String] {
    var late: [AgentID: Int] = [:]
    for round in rounds {
      for agent in round.verdict.missing where !silent.contains(agent) && hasReading(agent, of: round.row) {
        late[agent, default: 0] += 1
      }
    }
    return late.sorted { $0.key < $1.key }.map { "agent \($0.key) was late in \($0.value) of \(rounds.count) rounds" }
  }
}

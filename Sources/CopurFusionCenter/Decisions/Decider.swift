internal import CopurCore
internal import CopurNumerics

/// Turns closed rounds into verdicts: one observation and one call of the defence a batch.
struct Decider: Sendable {
  let model: ServedModel

  private var roster: AgentRoster { model.roster }

  /// - Returns: A verdict a round, in the same order.
  /// - Throws: Why the defence has failed, if it needs something outside of this process.
  func verdicts(of batch: Batcher.Batch) throws -> [Verdict] {
    let defense = model.defenses[batch.defense]
    let decidable = batch.rounds.filter { $0.observedCount >= model.quorum }
    var decisions: [Decision?] = []
    if !decidable.isEmpty {
      let observation = observation(of: decidable)
      decisions = defense.decide(observation)
      if let failure = (defense as? any Fallible)?.failure { throw failure }
      precondition(decisions.count == decidable.count, "a defence decides every sample: \(defense.name)")
      model.certifiers[batch.defense]?.certify(&decisions, of: observation)
    }
    var open = decisions[...]
    return batch.rounds.map { round in
      Verdict(
        session: round.session, sample: round.sample, modelVersion: model.version, defense: defense.name,
        contributed: agents(of: round, observed: true), missing: agents(of: round, observed: false),
        decision: round.observedCount >= model.quorum ? open.removeFirst() : nil)
    }
  }

  /// h and Ω of the rounds; a missing block is left out, never filled in.
  private func observation(of rounds: [ClosedRound]) -> Observation {
    var observation = Observation(layout: roster.layout, samples: rounds.count)
    for (sample, round) in rounds.enumerated() {
      for block in 0..<roster.count where round.observed[block] {
        observation.set(block: block, of: sample, to: round.embedding[roster.layout[block]])
      }
    }
    return observation
  }

  private func agents(of round: ClosedRound, observed: Bool) -> [AgentID] {
    roster.agents.indices.compactMap { round.observed[$0] == observed ? roster.agents[$0] : nil }
  }
}

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
    var decided = 0
    let name = defense.name
    // Rounds of the same agents share the lists of their names.
    var (observed, contributed, missing) = ([Bool](), [AgentID](), [AgentID]())
    return batch.rounds.map { round in
      if round.observed != observed {
        observed = round.observed
        (contributed, missing) = (agents(of: round, observed: true), agents(of: round, observed: false))
      }
      var decision: Decision?
      if contributed.count >= model.quorum {
        decision = decisions[decided]
        decided += 1
      }
      return Verdict(
        session: round.session, sample: round.sample, modelVersion: model.version, defense: name,
        contributed: contributed, missing: missing, decision: decision)
    }
  }

  /// h and Ω of the rounds; a missing block is left out, never filled in.
  private func observation(of rounds: [ClosedRound]) -> Observation {
    var (values, observed) = ([Float](), [Bool]())
    values.reserveCapacity(rounds.count * roster.layout.totalWidth)
    observed.reserveCapacity(rounds.count * roster.count)
    for round in rounds {
      values += round.embedding
      observed += round.observed
    }
    return Observation(
      layout: roster.layout,
      embeddings: Matrix(rows: rounds.count, columns: roster.layout.totalWidth, values: values), observed: observed)
  }

  private func agents(of round: ClosedRound, observed: Bool) -> [AgentID] {
    roster.agents.indices.compactMap { round.observed[$0] == observed ? roster.agents[$0] : nil }
  }
}

internal import CopurCore

/// Plays trials without a network: the same defences on the same embeddings, in this process.
struct InProcessStage: TrialStage {
  func play(_ trial: Trial) async throws -> [Decision?] {
    try Task.checkCancellation()
    var decisions = zip(0..., trial.defense.decide(trial.received)).map { sample, decision in
      trial.received.observedCount(of: sample) >= trial.rounds.quorum ? decision : nil
    }
    trial.rounds.certification.certifier(of: trial.defense, quorum: trial.rounds.quorum)?
      .certify(&decisions, of: trial.received)
    return decisions
  }
}

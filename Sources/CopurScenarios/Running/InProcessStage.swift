internal import CopurCore

/// Plays trials without a network: the same defences on the same embeddings, in this process.
struct InProcessStage: TrialStage {
  func play(_ trial: Trial) async throws -> [Decision?] {
    try Task.checkCancellation()
    let decided = trial.defense.decide(trial.received)
    try Failure.check(trial.defense)
    var decisions = zip(0..., decided).map { sample, decision in
      trial.received.observedCount(of: sample) >= trial.rounds.quorum ? decision : nil
    }
    trial.rounds.certification.certifier(of: trial.defense, quorum: trial.rounds.quorum)?
      .certify(&decisions, of: trial.received)
    return decisions
  }
}

/// Failures of parts that need something outside of this process.
enum Failure {
  /// - Throws: Why a defence or an attack has failed, if it has.
  static func check(_ part: Any) throws {
    if let failure = (part as? any Fallible)?.failure { throw failure }
  }
}

internal import CopurCore
internal import CopurDefenses

/// One defence under one attack with one seed: what a stage plays.
struct Trial: Sendable {
  let seed: UInt64
  /// The attack's place in the scenario, from 0.
  let attackNumber: Int
  let attack: AttackSpec
  let defense: any Defense
  /// The observation that the fusion center has if all goes as the attack says; a sample's number is its test row.
  let received: Observation
  /// Whether each agent has a reading of each sample, and so something to say if nobody hinders it: [n, M], row-major.
  let heard: [Bool]
  let rounds: RoundSettings

  /// A name for the session in which it is played.
  var session: String { "seed-\(seed)/attack-\(attackNumber)/\(defense.name)" }
}

/// The stage that trials are played on.
protocol TrialStage: Sendable {
  /// Plays a trial.
  ///
  /// - Returns: The decision on each sample, nil where too few agents contributed for a verdict.
  func play(_ trial: Trial) async throws -> [Decision?]
}

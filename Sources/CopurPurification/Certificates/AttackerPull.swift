/// The power of a compromised agent's block, whatever it holds: it pulls with ‖U_i‖ at most, and only towards codes that a
/// block can ask for which the gate lets through.
struct AttackerPull: Sendable {
  /// a = ‖U_i‖.
  let strength: Double
  /// The codes that its block can ask for; all where nothing limits it.
  let targets: CodeInterval

  static func unlimited(strength: Double) -> AttackerPull {
    AttackerPull(strength: strength, targets: CodeInterval(lower: -.infinity, upper: .infinity))
  }

  /// The same for codes of the opposite sign.
  var mirrored: AttackerPull {
    AttackerPull(strength: strength, targets: CodeInterval(lower: -targets.upper, upper: -targets.lower))
  }
}

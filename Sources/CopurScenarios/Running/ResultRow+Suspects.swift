internal import CopurCore
internal import CopurReports

extension ResultRow {
  /// Adds what suspects and alarms say of who lies and, of clean rows, a warning for each agent whose promise they break:
  /// the data has drifted from what was trained on.
  ///
  /// - Parameters:
  ///   - named: For each sample, in the order of time, whether each agent is suspect; nil where there was no verdict or the
  ///     defence names none.
  ///   - observed: Whether an agent sent something for a sample: [n, M], row-major.
  ///   - lied: Whether an agent sent an adversarial embedding of a sample: [n, M], row-major.
  ///   - manifest: Of the bundle that decided.
  ///   - isClean: Whether nobody was attacked.
  mutating func judge(
    named: [[Bool]?], observed: [Bool], lied: [Bool], by manifest: BundleManifest, isClean: Bool
  ) {
    suspects = SuspectRates.of(named: named, observed: observed, lied: lied)
    falseAlarms = AgentFalseAlarms.of(
      agents: manifest.agents.map(\.name.name), named: named, observed: observed, lied: lied)
    guard let agents = manifest.calibration.agents, agents.count == manifest.agents.count else { return }
    alarms = AlarmRates.of(limits: agents.map(\.alarmLimit), named: named, observed: observed, lied: lied)
    guard isClean, let falseAlarms else { return }
    warnings += zip(agents, falseAlarms).compactMap { agent, measured in measured.rate.flatMap(agent.drift) }
  }
}

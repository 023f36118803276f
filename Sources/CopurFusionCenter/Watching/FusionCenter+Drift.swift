public import CopurCore
internal import Logging
internal import Synchronization

extension FusionCenter {
  /// Watches verdicts for what breaks a bundle's promises from now on; alarms that stood are forgotten.
  public func watch(for monitor: DriftMonitor) { drift.withLock { $0 = monitor } }

  /// Watches verdicts for what breaks the promises of the bundle that is served.
  public func watch(for bundle: ModelBundle) {
    let model = model
    watch(for: DriftMonitor(bundle, quorum: model.quorum, certifies: model.certifiers[0] != nil))
  }

  /// The subjects that are watched, and of them those that an alarm stands of.
  public var driftAlarms: (subjects: [DriftMonitor.Subject], standing: Set<DriftMonitor.Subject>) {
    drift.withLock { ($0.subjects, $0.alarms) }
  }

  /// Verdicts are stored: the log has what begins or ends with them.
  func watched(_ verdicts: [Verdict]) {
    let first = configuration.defenses[0].name
    let changes = drift.withLock { monitor in
      // Promises are the first defence's: another that a session asked for has none.
      monitor.subjects.isEmpty ? [] : verdicts.filter { $0.defense == first }.flatMap { monitor.judged($0) }
    }
    for change in changes {
      var metadata: Logger.Metadata = [:]
      if case .agent(let agent) = change.subject { metadata["agent"] = "\(agent)" }
      if change.isRaised {
        logger.warning("\(change.subject.words)", metadata: metadata)
      } else {
        logger.notice("an alarm has ended: \(change.subject.words)", metadata: metadata)
      }
    }
  }
}

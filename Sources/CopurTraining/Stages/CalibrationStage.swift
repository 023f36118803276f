internal import CopurCore
internal import CopurNumerics
internal import CopurPurification

/// The stage of calibration: δ, the gate's limits and those of the residuals, from held-out rows.
struct CalibrationStage: Sendable {
  /// The calibrator, which turns held-out embeddings into limits.
  let calibrator: Calibrator
  /// The gate's limit for each agent.
  let gateLimits: [Float]
  private let folds: [HeldOutFold]

  /// - Parameters:
  ///   - folds: Runs of held-out rows, by extractors that were trained as those of the bundle are.
  ///   - gateLimits: The gate's limit for each agent; nil for what the folds say.
  init(folds: [HeldOutFold], layout: BlockLayout, gateLimits: [Float]? = nil) {
    calibrator = Calibrator(layout: layout, folds: folds.map(\.embeddings))
    self.gateLimits = gateLimits ?? calibrator.gateLimits()
    self.folds = folds
  }

  /// - Parameters:
  ///   - rows: The training rows that the manifold was fitted to.
  ///   - manifold: What the bundle will hold.
  ///   - stage: How it was fitted; the folds' are fitted alike.
  ///   - agents: In the model's order.
  /// - Throws: What fitting a manifold throws.
  func run(
    on rows: EmbeddedRows, behind manifold: any Manifold, by stage: ManifoldStage, agents: [AgentID], seed: UInt64
  ) async throws -> (calibration: Calibration, record: CalibrationRecord) {
    let (calibrator, gateLimits, folds, clean) = (calibrator, gateLimits, folds, rows.observation)
    let manifolds = try await concurrentMap(0..<folds.count) { fold in
      try stage.run(on: folds[fold].rows, seed: seed)
    }
    let profiles = try EmbeddingProfile.fitting(clean)
    func purifier(_ manifold: any Manifold, _ profiles: [EmbeddingProfile]?) -> GatedPurifier {
      GatedPurifier(
        purifier: Purifier(manifold: manifold), gate: profiles.map { EmbeddingGate(profiles: $0, limits: gateLimits) })
    }
    let calibration = Calibration(
      profiles: profiles, gateLimits: gateLimits,
      residualLimits: calibrator.residualLimits(
        purifiers: manifolds.map { purifier($0, nil) }, final: purifier(manifold, nil), training: clean),
      gatedResidualLimits: calibrator.residualLimits(
        purifiers: zip(manifolds, calibrator.folds).map { purifier($0, $1.profiles) },
        final: purifier(manifold, profiles), training: clean))
    var record = CalibrationRecord(
      falseAlarmRate: calibrator.falseAlarmRate, rows: calibrator.rows,
      reconstruction: calibrator.reconstructionBound(manifolds: manifolds, final: manifold, training: clean))
    // A run needs two before it: without them nothing is known of how unlike runs are.
    guard calibrator.folds.count > 2 else { return (calibration, record) }
    let runs = try await concurrentMap(2..<calibrator.folds.count) { run in
      calibrator.suspects(inRun: run, manifolds: manifolds)
    }
    let wanted = calibrator.wantedGateLimits()
    record.agents = agents.enumerated().map { index, agent in
      let own = runs.map { $0[index] }
      let rates = own.map(Self.rate)
      return CalibrationRecord.Agent(
        agent: agent,
        promised: OrderStatistic.promised(
          calibrator.falseAlarmRate, values: own.reduce(0) { $0 + $1.count { $0 != nil } }),
        lastRun: rates.last ?? nil, worstRun: rates.compactMap { $0 }.max(), alarmLimit: AlarmMonitor.limit(of: own),
        isGateHeld: wanted[index] > Calibrator.widestGate)
    }
    return (calibration, record)
  }

  /// The fraction of an agent's rows in which it is suspect; nil if it is missing in all.
  private static func rate(of suspects: [Bool?]) -> Double? {
    let heard = suspects.compactMap { $0 }
    return heard.isEmpty ? nil : Double(heard.count { $0 }) / Double(heard.count)
  }
}

public import CopurCore
public import CopurNumerics
public import CopurPurification

/// CoPur with the steps of the paper's experiments in place of a solver that converges: what the difference is worth.
public struct ScheduledCoPur: RecoveringDefense {
  /// The kind, as scenarios spell it.
  public static let name = "copur-schedule"
  /// The name in results.
  public let name: String
  /// The paper's steps.
  public let schedule: PaperSchedule
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained on D(E(h)).
  public init(name: String = Self.name, schedule: PaperSchedule, model: FusionModel) {
    self.name = name
    self.schedule = schedule
    self.model = model
  }

  public var manifold: any Manifold { schedule.manifold }
  public var layout: BlockLayout { manifold.layout }

  public func decide(_ observation: Observation) -> [Decision] { decideAndRecover(observation).decisions }
  public func recover(_ observation: Observation) -> Matrix { schedule.purify(observation).embeddings }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    let purification = schedule.purify(observation)
    var decisions = model.decide(purification.embeddings)
    for (sample, report) in purification.reports.enumerated() {
      decisions[sample].residuals = report.residuals
      decisions[sample].converged = report.converged
      decisions[sample].iterations = report.iterations
      decisions[sample].objective = report.objective
    }
    return (decisions, purification.embeddings)
  }
}

extension ScheduledCoPur {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        ScheduledCoPur.name, "CoPur with the steps of the paper's experiments in place of a solver that converges.",
        Settings())
    }
    public var kind: String { ScheduledCoPur.name }

    /// It has no settings.
    public init() {}

    public func make(named name: String, from bundle: ModelBundle) -> any Defense {
      ScheduledCoPur(name: name, schedule: PaperSchedule(manifold: bundle.manifold), model: bundle.purifiedModel)
    }
  }
}

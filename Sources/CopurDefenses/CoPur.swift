public import CopurCore
public import CopurNumerics
public import CopurPurification

/// Purification before prediction (CoPur, section 2.3).
public struct CoPur: WhiteBoxDefense {
  public static let name = "copur"
  public var name: String { Self.name }
  public let purifier: Purifier
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel

  public init(purifier: Purifier, model: FusionModel) {
    self.purifier = purifier
    self.model = model
  }

  public var layout: BlockLayout { purifier.manifold.layout }

  public func decide(_ observation: Observation) -> [Decision] {
    let purification = purifier.purify(observation)
    var decisions = model.decide(purification.embeddings)
    for (index, report) in purification.reports.enumerated() {
      decisions[index].residuals = report.residuals
      decisions[index].converged = report.converged
      decisions[index].objective = report.objective
    }
    return decisions
  }
}

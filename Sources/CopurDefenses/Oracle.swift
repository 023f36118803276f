public import CopurCore
public import CopurNumerics
public import CopurPurification

/// Purification from honest blocks alone: who lies is known and taken as missing. What CoPur is worth at most.
///
/// The paper's "Oracle" (section 5) is another bound: the unsecured model where nobody is attacked, which is the row of a
/// clean run.
public struct Oracle: OracleDefense, RecoveringDefense {
  /// The kind, as scenarios spell it.
  public static let name = "oracle"
  /// The name in results.
  public let name: String
  /// Gets the honest blocks alone.
  public let purifier: Purifier
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel
  /// The blocks that are not used.
  public let compromised: [Int]

  /// - Parameter compromised: The blocks that are not used; until an attack tells them, none.
  public init(name: String = Self.name, purifier: Purifier, model: FusionModel, compromised: [Int] = []) {
    self.name = name
    self.purifier = purifier
    self.model = model
    self.compromised = compromised
  }

  public var manifold: any Manifold { purifier.manifold }
  public var layout: BlockLayout { manifold.layout }

  public func told(compromised: [Int]) -> any WhiteBoxDefense {
    Oracle(name: name, purifier: purifier, model: model, compromised: compromised)
  }

  public func decide(_ observation: Observation) -> [Decision] { base.decide(honest(observation)) }
  public func recover(_ observation: Observation) -> Matrix { base.recover(honest(observation)) }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    base.decideAndRecover(honest(observation))
  }

  /// What decides, from honest blocks.
  var base: CoPur { CoPur(purifier: GatedPurifier(purifier: purifier), model: model) }

  /// The observation without the blocks of liars.
  func honest(_ observation: Observation) -> Observation {
    var honest = observation
    for block in compromised { honest.withhold(block: block) }
    return honest
  }
}

public import CopurCore
public import CopurNumerics
public import CopurPurification

/// Purification from honest blocks alone: who lies is known and taken as missing. What CoPur is worth at most.
///
/// The paper's "Oracle" (section 5) is another bound: the unsecured model where nobody is attacked, which is the row of a
/// clean run.
public struct Oracle: OracleDefense {
  public static let name = "oracle"
  public let name: String
  public let purifier: Purifier
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel
  /// The blocks that are not used.
  public let compromised: [Int]

  public init(name: String = Self.name, purifier: Purifier, model: FusionModel, compromised: [Int] = []) {
    self.name = name
    self.purifier = purifier
    self.model = model
    self.compromised = compromised
  }

  public var layout: BlockLayout { purifier.manifold.layout }

  public func told(compromised: [Int]) -> any WhiteBoxDefense {
    Oracle(name: name, purifier: purifier, model: model, compromised: compromised)
  }

  public func decide(_ observation: Observation) -> [Decision] {
    var honest = observation
    for block in compromised { honest.withhold(block: block) }
    return CoPur(purifier: GatedPurifier(purifier: purifier), model: model).decide(honest)
  }
}

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

  public func told(compromised: [Int]) -> any Defense {
    Oracle(name: name, purifier: purifier, model: model, compromised: compromised)
  }

  public func decide(_ observation: Observation) -> [Decision] { base.decide(honest(observation)) }
  public func recover(_ observation: Observation) -> Matrix { base.recover(honest(observation)) }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    base.decideAndRecover(honest(observation))
  }

  /// The defence that decides, from honest blocks.
  var base: CoPur { CoPur(purifier: GatedPurifier(purifier: purifier), model: model) }

  /// The observation without the blocks of liars.
  func honest(_ observation: Observation) -> Observation {
    var honest = observation
    for block in compromised { honest.withhold(block: block) }
    return honest
  }
}

extension Oracle {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        Oracle.name, "CoPur that is told who lies and takes them as missing, a bound: in process only.", Settings())
    }
    public var kind: String { Oracle.name }
    public var isOracle: Bool { true }

    /// It has no settings.
    public init() {}

    public func make(named name: String, from bundle: ModelBundle) -> any Defense {
      Oracle(name: name, purifier: Purifier(manifold: bundle.manifold), model: bundle.purifiedModel)
    }
  }
}

/// Gradients through the purifier: 0 for what liars send, which has no effect.
extension Oracle: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    base.lossGradient(honest(observation), labels: labels, seeds: seeds)
  }
}

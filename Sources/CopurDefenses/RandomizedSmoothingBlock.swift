public import CopurCore
public import CopurNumerics

/// Randomized smoothing that knows which agents lie, with noise on their blocks alone, independent in each (CoPur, section 5,
/// "Randomized Smoothing Block"). Without a liar it is the unsecured model.
public struct RandomizedSmoothingBlock: OracleDefense, WhiteBoxDefense {
  /// The kind, as scenarios spell it.
  public static let name = "randomized-smoothing-block"
  public let name: String
  public let layout: BlockLayout
  /// σ of the noise, and how many draws vote.
  public let settings: SmoothingSettings
  /// Gives the draws.
  public let seed: UInt64
  /// The blocks that get noise.
  public let compromised: [Int]
  let smoothed: SmoothedModel

  /// - Parameters:
  ///   - model: The fusion model that was trained jointly with the extractors.
  ///   - seed: Gives the draws.
  ///   - compromised: The blocks of agents that lie.
  /// - Throws: ``NumericsError`` if the noise of such a σ is not finite.
  public init(
    name: String = Self.name, layout: BlockLayout, model: FusionModel, settings: SmoothingSettings, seed: UInt64,
    compromised: [Int] = []
  ) throws {
    self.name = name
    self.layout = layout
    self.settings = settings
    self.seed = seed
    self.compromised = compromised
    smoothed = try SmoothedModel(model, settings: settings, columns: compromised.map { layout[$0] }, seed: seed)
  }

  public func told(compromised: [Int]) throws -> any Defense {
    try RandomizedSmoothingBlock(
      name: name, layout: layout, model: model, settings: settings, seed: seed, compromised: compromised)
  }

  /// The model that an attacker differentiates: the one without noise.
  public var model: FusionModel { smoothed.model }

  public func decide(_ observation: Observation) -> [Decision] { smoothed.decide(observation.embeddings) }
}

extension RandomizedSmoothingBlock {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        RandomizedSmoothingBlock.name,
        "Randomized smoothing with noise on the blocks of agents that lie, who are told to it: in process only.",
        Settings())
    }
    public static var settings: [Setting<Settings>] { SmoothingSettings.settings.map { $0.at(\.smoothing) } }
    public var kind: String { RandomizedSmoothingBlock.name }
    public var isOracle: Bool { true }

    /// σ of the noise, and how many draws vote.
    public var smoothing: SmoothingSettings

    /// - Parameter smoothing: σ of the noise, and how many draws vote.
    public init(_ smoothing: SmoothingSettings = SmoothingSettings()) { self.smoothing = smoothing }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      try RandomizedSmoothingBlock(
        name: name, layout: bundle.roster.layout, model: bundle.jointModel, settings: smoothing,
        seed: bundle.manifest.seed)
    }
  }
}

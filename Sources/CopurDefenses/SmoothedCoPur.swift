public import CopurCore
public import CopurNumerics

/// CoPur with a majority vote over Gaussian noise on the purified embedding (CoPur, section 2.3, "Robust prediction").
public struct SmoothedCoPur: RecoveringDefense {
  /// The kind, as scenarios spell it.
  public static let name = "copur-smoothing"
  public let name: String
  /// Purifies, and names suspects.
  public let base: CoPur
  /// Decides.
  public let smoothed: SmoothedModel

  /// - Parameter seed: Gives the draws.
  /// - Throws: ``NumericsError`` if the noise of such a σ is not finite.
  public init(name: String = Self.name, base: CoPur, settings: SmoothingSettings, seed: UInt64) throws {
    self.name = name
    self.base = base
    smoothed = try SmoothedModel(
      base.model, settings: settings, columns: [0..<base.layout.totalWidth], seed: seed)
  }

  /// The model that an attacker differentiates: the one without noise.
  public var model: FusionModel { smoothed.model }
  public var manifold: any Manifold { base.manifold }
  public var layout: BlockLayout { base.layout }

  public func decide(_ observation: Observation) -> [Decision] { decideAndRecover(observation).decisions }
  public func recover(_ observation: Observation) -> Matrix { base.recover(observation) }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    base.decideAndRecover(observation, by: smoothed.decide)
  }
}

extension SmoothedCoPur {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        SmoothedCoPur.name, "CoPur with a majority vote over Gaussian noise on the purified embedding.",
        Settings())
    }
    public static var settings: [Setting<Settings>] { SmoothingSettings.settings.map { $0.at(\.smoothing) } }
    public var kind: String { SmoothedCoPur.name }

    /// σ of the noise, and how many draws vote.
    public var smoothing: SmoothingSettings

    /// - Parameter smoothing: σ of the noise, and how many draws vote.
    public init(_ smoothing: SmoothingSettings = SmoothingSettings()) { self.smoothing = smoothing }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      try SmoothedCoPur(
        name: name, base: CoPur(name: CoPur.name, bundle: bundle, isGated: true), settings: smoothing,
        seed: bundle.manifest.seed)
    }
  }
}

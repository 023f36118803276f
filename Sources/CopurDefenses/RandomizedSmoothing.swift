public import CopurCore
public import CopurNumerics

/// A majority vote over Gaussian noise on what was received, by the unsecured model (Cohen et al. 2019; CoPur, section 5,
/// "Randomized Smoothing"). Missing blocks are filled with 0 and get noise like the others.
public struct RandomizedSmoothing: WhiteBoxDefense {
  /// The kind, as scenarios spell it.
  public static let name = "randomized-smoothing"
  public let name: String
  public let layout: BlockLayout
  /// The vote; its noise is on all D columns.
  public let smoothed: SmoothedModel

  /// - Parameters:
  ///   - model: The fusion model that was trained jointly with the extractors.
  ///   - seed: Gives the draws.
  /// - Throws: ``NumericsError`` if the noise of such a σ is not finite.
  public init(
    name: String = Self.name, layout: BlockLayout, model: FusionModel, settings: SmoothingSettings, seed: UInt64
  ) throws {
    self.name = name
    self.layout = layout
    smoothed = try SmoothedModel(model, settings: settings, columns: [0..<layout.totalWidth], seed: seed)
  }

  /// The model that an attacker differentiates: the one without noise.
  public var model: FusionModel { smoothed.model }

  public func decide(_ observation: Observation) -> [Decision] { smoothed.decide(observation.embeddings) }
}

extension RandomizedSmoothing {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        RandomizedSmoothing.name, "A majority vote of the unsecured model over Gaussian noise on what was received.",
        Settings())
    }
    public static var settings: [Setting<Settings>] { SmoothingSettings.settings.map { $0.at(\.smoothing) } }
    public var kind: String { RandomizedSmoothing.name }

    /// σ of the noise, and how many draws vote.
    public var smoothing: SmoothingSettings

    /// - Parameter smoothing: σ of the noise, and how many draws vote.
    public init(_ smoothing: SmoothingSettings = SmoothingSettings()) { self.smoothing = smoothing }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      try RandomizedSmoothing(
        name: name, layout: bundle.roster.layout, model: bundle.jointModel, settings: smoothing,
        seed: bundle.manifest.seed)
    }
  }
}

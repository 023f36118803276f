public import CopurCore

/// What randomized ablation is set by.
public struct AblationSettings: Hashable, Sendable, Codable {
  /// How its model is trained, with K and NULL.
  public var training: AblationTrainingSettings
  /// How many subsets vote where there are too many to ask all; at least 1.
  public var draws: Int

  /// - Parameter draws: How many subsets of agents vote; at least 1.
  public init(training: AblationTrainingSettings, draws: Int = 1000) {
    self.training = training
    self.draws = draws
  }
}

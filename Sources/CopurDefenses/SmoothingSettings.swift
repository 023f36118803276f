internal import CopurCore

/// The settings of randomized smoothing.
public struct SmoothingSettings: Hashable, Sendable, Codable {
  /// σ, the standard deviation of the noise on each column of an embedding; over 0. The paper names none.
  public var sigma: Float
  /// The number of noisy copies that vote; at least 1. 1000 in the paper.
  public var draws: Int

  /// - Parameter sigma: σ, over 0.
  public init(sigma: Float = 1, draws: Int = 1000) {
    self.sigma = sigma
    self.draws = draws
  }

  /// The most draws, which bounds the memory that they take.
  public static let drawLimit = 1_000_000

  /// The settings of each defence that smooths.
  static var settings: [Setting<SmoothingSettings>] {
    [
      .number("sigma", \.sigma, .positive, "the noise's standard deviation"),
      .integer("draws", \.draws, 1...drawLimit, "how many noisy copies vote"),
    ]
  }
}

internal import CopurNumerics

/// The wait before the next attempt to connect: ever longer, and a little at random so that agents that lost their fusion
/// center together do not return together.
public struct Backoff: Sendable {
  /// The settings by which waits grow.
  public struct Settings: Hashable, Sendable {
    /// The first wait; over 0.
    public var initial: Duration = .seconds(1)
    /// By how much each wait is longer than the one before; at least 1.
    public var factor: Double = 1.6
    /// Each wait is off by up to this fraction, either way; 0 to 1.
    public var jitter: Double = 0.2
    /// The longest wait before jitter.
    public var maximum: Duration = .seconds(120)

    /// The waits of gRPC's connection back-off: 1 s first, 1.6 times longer each, 120 s at most, 20 % either way.
    public init() {}
  }

  private let settings: Settings
  private var generator: SeededGenerator
  private var wait: Duration

  /// Creates a backoff before the first failure.
  ///
  /// - Parameters:
  ///   - settings: How waits grow.
  ///   - seed: What the jitter follows from.
  ///   - name: Who waits; under one seed, no two of different names wait in step.
  public init(_ settings: Settings, seed: UInt64, name: String) {
    self.settings = settings
    generator = SeededGenerator(seed: seed, purpose: "backoff of \(name)")
    wait = settings.initial
  }

  /// An attempt failed.
  ///
  /// - Returns: How long to wait before the next one.
  public mutating func failed() -> Duration {
    let jittered = min(wait, settings.maximum) * (1 + settings.jitter * (2 * generator.uniform() - 1))
    wait = min(wait * settings.factor, settings.maximum)
    return jittered
  }

  /// An attempt succeeded: the next wait is the first again.
  public mutating func succeeded() { wait = settings.initial }
}

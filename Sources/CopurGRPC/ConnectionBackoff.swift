/// The wait of a client before it connects again: longer after each failure, and not in step with other clients.
public struct ConnectionBackoff: Sendable, Hashable {
  /// The wait after the first failure.
  public var initial: Duration

  /// The factor of the wait after each further one.
  public var multiplier: Double

  /// By which share of itself a wait is made longer or shorter at random, from 0 to 1.
  public var jitter: Double

  /// The longest wait, before the jitter.
  public var maximum: Duration

  /// Creates a backoff. The defaults are those of gRPC's connection backoff protocol.
  ///
  /// - Parameters:
  ///   - initial: How long after the first failure.
  ///   - multiplier: How much longer after each further one, at least 1.
  ///   - jitter: By which share of itself a wait varies, from 0 to 1.
  ///   - maximum: How long at most.
  public init(
    initial: Duration = .seconds(1),
    multiplier: Double = 1.6,
    jitter: Double = 0.2,
    maximum: Duration = .seconds(120)
  ) {
    self.initial = initial
    self.multiplier = multiplier
    self.jitter = jitter
    self.maximum = maximum
  }

  /// The wait after some failures in a row.
  ///
  /// - Parameters:
  ///   - failures: How many, at least 1.
  ///   - random: Where the jitter comes from.
  /// - Returns: The wait, never negative.
  public func delay(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
    var delay = min(initial, maximum)
    // Ends early at the maximum, so that no number of failures makes it overflow.
    for _ in 1..<max(failures, 1) where delay < maximum {
      delay = min(delay * multiplier, maximum)
    }
    let share = max(0, min(jitter, 1))
    return delay * (1 + Double.random(in: -share...share, using: &random))
  }
}

package import NIOCore

/// Allows a burst and a steady rate behind it.
package struct TokenBucket: Sendable {
  private let burst: Double
  private let perNanosecond: Double
  private var level: Double
  private var filled: NIODeadline

  /// Creates a full bucket.
  ///
  /// - Parameters:
  ///   - burst: How much may be taken at once, more than 0.
  ///   - perSecond: How much comes back each second, 0 or more.
  ///   - now: The time.
  package init(burst: Int, perSecond: Int, at now: NIODeadline) {
    precondition(
      burst > 0 && perSecond >= 0, "a bucket needs a burst above 0 and a rate (actual: \(burst), \(perSecond))")
    self.burst = Double(burst)
    self.perNanosecond = Double(perSecond) / 1e9
    self.level = Double(burst)
    self.filled = now
  }

  /// Takes an amount, 0 or more.
  ///
  /// - Returns: Whether it was there; if not, the bucket stays empty until time passes.
  package mutating func take(_ amount: Double = 1, at now: NIODeadline) -> Bool {
    let elapsed = Double(max(0, (now - filled).nanoseconds))
    filled = max(filled, now)
    level = min(burst, level + elapsed * perNanosecond) - amount
    guard level >= 0 else {
      level = 0
      return false
    }
    return true
  }

  /// Gives an amount back.
  package mutating func give(_ amount: Double) {
    level = min(burst, level + amount)
  }

  /// Fills the bucket.
  package mutating func fill() {
    level = burst
  }
}

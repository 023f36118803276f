/// The codes of a manifold of one dimension between two, both included.
public struct CodeInterval: Hashable, Sendable {
  /// The smallest one.
  public let lower: Double
  /// The largest one.
  public let upper: Double

  /// - Precondition: `lower` is at most `upper`.
  public init(lower: Double, upper: Double) {
    precondition(lower <= upper)
    self.lower = lower
    self.upper = upper
  }

  /// Whether a code lies between them.
  public func contains(_ code: Double) -> Bool { lower <= code && code <= upper }

  /// The larger distance of the two from 0.
  package var reach: Double { max(abs(lower), abs(upper)) }
}

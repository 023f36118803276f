/// A computation that has no result.
public struct NumericsError: Error, CustomStringConvertible, Hashable {
  /// The computation that was asked for, and the reason why it has no result.
  public let description: String

  /// - Parameter description: What was asked, and why it has no result.
  public init(_ description: String) { self.description = description }
}

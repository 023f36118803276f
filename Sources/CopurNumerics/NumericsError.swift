/// A computation that has no result.
public struct NumericsError: Error, CustomStringConvertible, Hashable {
  /// What was asked, and why it has no result.
  public let description: String

  /// - Parameter description: What was asked, and why it has no result.
  public init(_ description: String) { self.description = description }
}

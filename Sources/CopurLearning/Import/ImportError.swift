/// Why a model that was trained elsewhere cannot be taken: the rule, and the value that breaks it.
public struct ImportError: Error, Hashable, CustomStringConvertible {
  /// The rule and the value that broke it.
  public let description: String

  /// - Parameter description: The rule and the value that broke it.
  public init(_ description: String) { self.description = description }
}

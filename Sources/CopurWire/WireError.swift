public import GRPCCore

/// A message that breaks a rule of its protocol: the sender's fault.
///
/// A service that throws it ends the call with INVALID_ARGUMENT, or RESOURCE_EXHAUSTED where the rule is a limit.
public struct WireError: Error, Hashable, CustomStringConvertible, RPCErrorConvertible {
  /// The message's and the field's name, such as "PredictRequest.samples".
  public let field: String
  /// The rule and the value that broke it.
  public let rule: String
  /// Whether the rule is a limit on sizes.
  public let isLimit: Bool

  /// - Parameter isLimit: Whether the rule is a limit of size or number, which gRPC tells as RESOURCE_EXHAUSTED.
  public init(field: String, rule: String, isLimit: Bool = false) {
    self.field = field
    self.rule = rule
    self.isLimit = isLimit
  }

  public var description: String { "\(field): \(rule)" }

  public var rpcErrorCode: RPCError.Code { isLimit ? .resourceExhausted : .invalidArgument }

  public var rpcErrorMessage: String { description }
}

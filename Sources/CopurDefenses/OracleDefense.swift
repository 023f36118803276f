public import CopurCore

/// A defence that is told who lies: a bound to compare with, which no service can offer.
public protocol OracleDefense: Defense {
  /// The same defence where the given agents lie.
  ///
  /// - Parameter compromised: The blocks of agents that send adversarial embeddings; none if all are honest.
  /// - Throws: ``NumericsError`` if it cannot be computed.
  func told(compromised: [Int]) throws -> any Defense
}

public import CopurCore

/// Leverage constants where some agents are silent: of the Ω of an attack.
public struct ObservedLeverage: Hashable, Sendable, Codable {
  /// The silent agents, in the model's order.
  public var missing: [String]
  /// For one liar among the others, two, ….
  public var constants: [LeverageConstant]

  /// - Parameter missing: The silent agents, in the model's order.
  public init(missing: [String], constants: [LeverageConstant]) {
    self.missing = missing
    self.constants = constants
  }
}

public import CopurCore

/// The protection that a bundle is trained for.
public struct Protection: Hashable, Sendable, Codable {
  /// Who the defence is to protect from.
  public var threat: Threat
  /// The clean accuracy that it may cost against no defence, balanced and plain each, from 0 to 1.
  public var cost: Float

  /// - Parameters:
  ///   - threat: Who the defence is to protect from.
  ///   - cost: How much clean accuracy it may cost against no defence, balanced and plain each, from 0 to 1.
  public init(threat: Threat, cost: Float) {
    self.threat = threat
    self.cost = cost
  }
}

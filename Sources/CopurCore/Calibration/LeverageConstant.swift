/// Bounds on a leverage constant c_q^Ω (CoPur, Remark 2): the smallest share of Σ_{i∈Ω} ‖v_i‖₂ that is left to the honest
/// agents when any q of Ω lie, over all differences v of two points of the manifold.
///
/// Above one half, whatever q agents send leaves the true embedding the only solution of Eq. 5 (Theorem 2).
public struct LeverageConstant: Hashable, Sendable, Codable {
  /// q, how many agents lie; at least 1.
  public var corrupted: Int
  /// A proven lower bound of the constant, from 0 to 1 (up to rounding in double precision).
  public var bound: Double
  /// The share in the worst direction that was found: an upper bound of the constant.
  public var attained: Double

  /// - Parameter corrupted: q, how many agents lie.
  public init(corrupted: Int, bound: Double, attained: Double) {
    self.corrupted = corrupted
    self.bound = bound
    self.attained = attained
  }

  /// The greatest gap between bound and attained value at which the constant counts as known.
  public static let tolerance = 1e-4

  /// Whether the bound is the constant itself, up to ``tolerance``.
  public var isExact: Bool { attained - bound <= Self.tolerance }
  /// Whether Theorem 2's condition is proven.
  public var guaranteesRecovery: Bool { bound > 0.5 }
}

extension Sequence<LeverageConstant> {
  /// The largest q that Theorem 2's sufficient condition is proven for; 0 if for none.
  public var toleratedAgents: Int { filter(\.guaranteesRecovery).map(\.corrupted).max() ?? 0 }
}

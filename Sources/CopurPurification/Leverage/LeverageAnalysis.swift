public import CopurCore
public import CopurNumerics

/// Leverage constants c_q^Ω of an affine manifold D(z) = μ + zᵀV (CoPur, Remark 2, with W_end = Vᵀ).
///
/// With f_i(z) = ‖V_iᵀz‖₂ the constant is the least, over z ≠ 0, of what the |Ω| − q smallest f_i have of Σ_{i∈Ω} f_i.
/// That is a ratio of convex functions, hard in general; three ways, the best of which counts:
///
/// - *One dimension:* every z gives the same shares. Sorting gives the constant.
/// - *Few dimensions:* `DirectionSearch` narrows the constant down from both sides.
/// - *Any dimension:* `LewisBound` proves a lower bound set by set, or, where there are too many sets of q, by shares.
public struct LeverageAnalysis: Sendable {
  /// The most dimensions in which directions are searched through; beyond, boxes multiply faster than bounds improve.
  static let searchedDimensions = 5

  /// |Ω|.
  private let blocks: Int
  /// In coordinates in which Lewis's form is the identity; nil if a direction of the manifold is not observed at all.
  private let forms: BlockForms?

  /// - Parameters:
  ///   - directions: V, [r, D]; finite, r at least 1.
  ///   - layout: The agents' columns.
  ///   - observed: Ω, as positions of agents; each once. Nil for all.
  /// - Throws: `NumericsError` if the directions are not finite.
  public init(directions: Matrix, layout: BlockLayout, observed: [Int]? = nil) throws {
    precondition(directions.columns == layout.totalWidth && directions.rows > 0)
    let observed = observed ?? Array(0..<layout.count)
    blocks = observed.count
    forms = try BlockForms(directions: directions, layout: layout, observed: observed)?.balanced()
  }

  /// The constant for q corrupted agents of Ω.
  ///
  /// If two points of the manifold agree on all of Ω, not even Theorem 1's condition holds, and the constant is 0.
  ///
  /// - Parameter corrupted: q, from 0 to |Ω|.
  /// - Throws: `NumericsError` if a decomposition does not converge.
  public func constant(corrupted: Int) throws -> LeverageConstant {
    precondition((0...blocks).contains(corrupted))
    guard let forms else { return LeverageConstant(corrupted: corrupted, bound: 0, attained: 0) }
    guard corrupted > 0 else { return LeverageConstant(corrupted: 0, bound: 1, attained: 1) }
    if forms.dimension == 1 {
      let share = Shares.honest(forms.norms(at: [1]), corrupted: corrupted)
      return LeverageConstant(corrupted: corrupted, bound: share, attained: share)
    }
    let (proven, worst) = try LewisBound(forms: forms).bound(corrupted: corrupted)
    let attained = Shares.honest(forms.norms(at: worst), corrupted: corrupted)
    var constant = LeverageConstant(corrupted: corrupted, bound: min(proven, attained), attained: attained)
    if forms.dimension <= Self.searchedDimensions, !constant.isExact {
      let found = DirectionSearch(forms: forms, corrupted: corrupted).search(attained: attained)
      constant.attained = found.attained
      constant.bound = min(max(constant.bound, found.bound), found.attained)
    }
    return constant
  }

  /// The constants for q = 1, 2, … as long as the liars are a minority (Theorem 2: q < |Ω|/2), up to the first q that
  /// certainly breaks Theorem 2's sufficient condition: a larger one does, too.
  ///
  /// - Throws: `NumericsError` if a decomposition does not converge.
  public func constants() throws -> [LeverageConstant] {
    guard blocks >= 3 else { return [] }
    var constants: [LeverageConstant] = []
    for corrupted in 1...(blocks - 1) / 2 {
      constants.append(try constant(corrupted: corrupted))
      if constants[constants.count - 1].attained <= 0.5 { break }
    }
    // The constant falls as q grows, so what is proven for more liars is proven for fewer.
    for index in constants.indices.dropLast().reversed() {
      constants[index].bound = max(constants[index].bound, constants[index + 1].bound)
    }
    for index in constants.indices.dropFirst() {
      constants[index].attained = min(constants[index].attained, constants[index - 1].attained)
    }
    return constants
  }
}

/// Shares of honest agents in a sum of norms.
enum Shares {
  /// The share of all but the largest q of the norms; 0 if all are 0.
  static func honest(_ norms: [Double], corrupted: Int) -> Double {
    let sorted = norms.sorted()
    let honest = sorted.dropLast(corrupted).reduce(0, +)
    let total = honest + sorted.suffix(corrupted).reduce(0, +)
    return total > 0 ? honest / total : 0
  }
}

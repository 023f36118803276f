internal import CopurNumerics

/// A proven lower bound of the leverage constant, in any dimension.
///
/// Let σ_i = max f_i(y) over ‖y‖ = 1, so that f_i ≥ f_i²/σ_i there, and κ the smallest eigenvalue of Σ G_i/σ_i. For a
/// set S of liars and t = Σ_{i∈S} f_i²/σ_i,
///
///     Σ_{i∈S} f_i ≤ √(t·Σ_{i∈S} σ_i)   (Cauchy–Schwarz)     and     Σ_{i∉S} f_i ≥ κ − t,
///
/// and t is at most the largest eigenvalue of Σ_{i∈S} G_i/σ_i. The liars' share of the sum grows with the first and falls
/// with the second, so the largest t bounds it. In Lewis's coordinates κ = 1, its largest value.
struct LewisBound {
  /// More sets than this are not looked at one by one.
  static let setLimit = 5_000

  private let forms: BlockForms
  private let largest: [Double]
  private let kappa: Double

  init(forms: BlockForms) throws {
    self.forms = forms
    largest = try forms.largestNorms()
    let whole = forms.sum(Array(forms.grams.indices), weights: largest)
    kappa = max(0, try SymmetricEigen(of: whole, size: forms.dimension).values.last ?? 0)
  }

  /// - Returns: The bound, and a direction in which the honest share is small.
  func bound(corrupted: Int) throws -> (bound: Double, direction: [Double]) {
    let blocks = forms.grams.count
    let heaviest = Array((0..<blocks).sorted { largest[$0] > largest[$1] }.prefix(corrupted))
    // Σ f_i ≥ κ and Σ_{i∈S} f_i ≤ Σ_{i∈S} σ_i, whatever the set.
    let simple = kappa > 0 ? max(0, 1 - heaviest.reduce(0) { $0 + largest[$1] } / kappa) : 0
    guard let sets = Self.sets(of: corrupted, from: blocks) else {
      return (simple, try worstDirection(of: heaviest).direction)
    }
    var (bound, worst): (Double, [Double]) = (1, [])
    var lowest = Double.infinity
    for set in sets {
      let (t, direction) = try worstDirection(of: set)
      let liars = (t * set.reduce(0) { $0 + largest[$1] }).squareRoot()
      let honest = max(0, kappa - t)
      bound = min(bound, liars + honest > 0 ? honest / (liars + honest) : 0)
      let share = Shares.honest(forms.norms(at: direction), corrupted: corrupted)
      if share < lowest { (lowest, worst) = (share, direction) }
    }
    return (max(bound, simple), worst)
  }

  private func worstDirection(of set: [Int]) throws -> (t: Double, direction: [Double]) {
    let eigen = try SymmetricEigen(of: forms.sum(set, weights: largest), size: forms.dimension)
    return (max(0, eigen.values[0]), eigen.vectors[0])
  }

  /// All sets of `count` of the numbers 0..<`total`; nil if there are more than ``setLimit``.
  private static func sets(of count: Int, from total: Int) -> [[Int]]? {
    var number = 1
    for index in 0..<min(count, total - count) {
      number = number * (total - index) / (index + 1)
      guard number <= setLimit else { return nil }
    }
    var sets: [[Int]] = [[]]
    for position in 0..<count {
      sets = sets.flatMap { set in
        ((set.last ?? -1) + 1..<total - count + position + 1).map { set + [$0] }
      }
    }
    return sets
  }
}

/// The exact test of whether two classes are equally likely, by how often each was drawn.
public enum BinomialTest {
  /// The two-sided p-value of two counts at p = ½: how likely counts are that differ at least as much, of as many draws.
  ///
  /// - Parameters:
  ///   - first: How often the one was drawn, 0 or more.
  ///   - second: How often the other was drawn, 0 or more.
  /// - Returns: From above 0 to 1; 1 where the counts are equal.
  public static func twoSided(_ first: Int, _ second: Int) -> Double {
    precondition(first >= 0 && second >= 0)
    if first == second { return 1 }
    let (larger, trials) = (Double(max(first, second)), Double(first + second))
    // At ½ both tails are alike: twice P(X ≥ larger).
    return min(1, 2 * RegularizedBeta.value(0.5, larger, trials - larger + 1))
  }
}

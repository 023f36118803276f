/// Δ, the probability that a set of k kept pixels holds one of ρ changed ones (Levine and Feizi 2020, Eq. 4):
/// 1 − C(d − ρ, k)/C(d, k).
public enum TouchProbability {
  /// Δ for each number ρ of changed pixels, from 0 on.
  ///
  /// The quotient of the binomials is Π_{i<ρ} (d − k − i)/(d − i), so that each next one costs one factor and no binomial
  /// is ever formed.
  ///
  /// - Parameters:
  ///   - pixels: d, at least 1.
  ///   - keep: k, from 1 to d.
  /// - Returns: d − k + 2 values, ascending; the last one, for ρ = d − k + 1, is 1, as are all beyond it.
  public static func table(pixels: Int, keep: Int) -> [Double] {
    precondition(pixels >= 1 && (1...pixels).contains(keep))
    var untouched = 1.0
    var table = [0.0]
    for changed in 0...(pixels - keep) {
      untouched *= Double(pixels - keep - changed) / Double(pixels - changed)
      table.append(1 - untouched)
    }
    return table
  }

  /// Δ for one number of changed pixels.
  ///
  /// - Parameters:
  ///   - pixels: d, at least 1.
  ///   - keep: k, from 1 to d.
  ///   - changed: ρ, from 0 to d.
  public static func value(pixels: Int, keep: Int, changed: Int) -> Double {
    precondition((0...pixels).contains(changed))
    let table = table(pixels: pixels, keep: keep)
    return changed < table.count ? table[changed] : 1
  }
}

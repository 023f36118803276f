package import CopurCore

/// The rule of the choice, on what held-out rows say of the candidates.
extension ProtectionChoice {
  /// A gain is one if it is this many standard deviations.
  private static let deviations = 2.0

  /// Whether a candidate costs no more clean accuracy than is allowed, neither balanced nor plain: a class that is rare may not
  /// be given up for one that is frequent, nor the other way round. The default has the benefit of the doubt: what a few days'
  /// rows say of its cost is a guess, and what would take its place is often worse where it matters.
  package static func isAffordable(
    _ candidate: ProtectionRecord.Candidate, isDefault: Bool, cost: Double
  ) -> Bool {
    let doubt = isDefault ? deviations : 0
    return candidate.loss - doubt * candidate.lossDeviation <= cost
      && (candidate.accuracyLoss ?? 0) - doubt * (candidate.accuracyLossDeviation ?? 0) <= cost
  }

  /// The candidate that is taken, and the reason.
  ///
  /// Of those that may be taken (``ProtectionRecord/Candidate/isEligible``) and are certified for more than a constant guess, the
  /// default, unless another is better beyond doubt; without the default the one that protects most. Where there is none,
  /// nothing is left to protect: the default if it costs nothing, else the one that is best without an attack. As long as the
  /// default says more than a constant guess where nobody lies, that is none that gives up what the default keeps under the
  /// threat: held-out rows that promise nothing are a few days' rows, too.
  package static func choice(_ record: ProtectionRecord) -> (taken: Int, reason: ProtectionRecord.Reason) {
    let candidates = record.candidates
    let eligible = candidates.indices.filter { candidates[$0].isEligible }
    let protecting = eligible.filter { candidates[$0].isCertified && record.beatsGuess(candidates[$0].protected) }
    func best(_ indices: [Int], by measure: (ProtectionRecord.Candidate) -> Double) -> Int? {
      indices.max { measure(candidates[$0]) < measure(candidates[$1]) }
    }
    if protecting.contains(0) {
      let better = protecting.filter { index in
        candidates[index].gain > deviations * candidates[index].gainDeviation && candidates[index].gain > 0
      }
      return best(better, by: \.gain).map { ($0, .better) } ?? (0, .standard)
    }
    if let most = best(protecting, by: \.protected.mean) { return (most, .affordable) }
    let costsNothing =
      eligible.contains(0) && candidates[0].loss <= 0 && candidates[0].accuracyLoss ?? 0 <= 0
    if costsNothing { return (0, .nothingToProtect) }
    let isWorthKeeping = eligible.contains(0) && candidates[0].isCertified && record.beatsGuess(candidates[0].clean)
    let harmless = eligible.filter { index in
      let candidate = candidates[index]
      return !isWorthKeeping || index == 0
        || candidate.isCertified && candidate.gain >= -deviations * candidate.gainDeviation
    }
    // The last is no defence, should all others give up a class.
    return (best(harmless, by: \.clean.mean) ?? candidates.count - 1, .nothingToProtect)
  }
}

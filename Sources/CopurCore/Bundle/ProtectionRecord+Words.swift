internal import Foundation

extension ProtectionRecord {
  /// The choice and its reason in a sentence, for people.
  public var choiceWords: String? {
    guard let taken else { return nil }
    let points = String(format: "%g points", 100 * cost)
    let why =
      switch reason {
      case nil, .standard:
        "the default: another takes its place only if it is certified for more by two standard deviations, and costs at most "
          + "\(points) of accuracy without an attack"
      case .better: "it is certified for more than the default, by over two standard deviations"
      case .affordable:
        "the default protects from nothing, or costs more than \(points) of accuracy without an attack, and this is "
          + "certified for more than a constant guess"
      case .nothingToProtect: "it is the best without an attack of those that may be taken"
      }
    return "protect \(threat.words): \(taken.title) was chosen: \(why)"
  }

  /// The reservations that whoever relies on the choice has to know, a sentence each: nothing is protected, accuracy is given up
  /// for it, a class is never answered.
  public var warnings: [String] {
    guard let taken else { return [] }
    var warnings: [String] = []
    if !isWorthwhile {
      warnings.append(
        "nothing to protect here from \(threat.words): of held-out training rows \(taken.kind) keeps "
          + "\(words(taken.protected))\(taken.isCertified ? "" : ", attacked"), a constant guess \(guessWords)")
      if let strongest = unaffordable {
        warnings.append(
          String(
            format:
              "%@ would protect, %@, but costs %.1f points of balanced accuracy and %.1f of accuracy without an attack, "
              + "and %g are allowed: \"cost\" of a defense auto says how many", strongest.title,
            words(strongest.protected), 100 * strongest.loss, 100 * (strongest.accuracyLoss ?? 0), 100 * cost))
      }
    }
    let losses = [
      ("balanced accuracy", taken.loss, taken.lossDeviation),
      ("accuracy", taken.accuracyLoss ?? 0, taken.accuracyLossDeviation ?? 0),
    ].filter { $0.1 > cost }
    for (measure, loss, deviation) in losses {
      warnings.append(
        String(
          format: "on held-out training rows %@ costs %.1f ± %.1f points of %@ without an attack, against no defense",
          taken.kind, 100 * loss, 100 * deviation, measure))
    }
    if let least = taken.clean.accuracyDeviation, taken.clean.accuracy + 2 * least < majority {
      warnings.append(
        String(
          format: "on held-out training rows %@ is right in %.1f %% without an attack, a constant guess in %.1f",
          taken.kind, 100 * taken.clean.accuracy, 100 * majority))
    }
    return warnings
  }

  /// The candidate that would protect most, where it is not the one that was taken: it costs too much.
  private var unaffordable: Candidate? {
    candidates.filter { !$0.isEligible && $0.isCertified && beatsGuess($0.protected) }
      .max { $0.protected.mean < $1.protected.mean }
  }

  private func words(_ score: Score) -> String {
    String(
      format: "%.1f ± %.1f %% balanced accuracy (accuracy %.1f)", 100 * score.balanced, 100 * score.deviation,
      100 * score.accuracy)
  }

  private var guessWords: String { String(format: "%.1f (%.1f)", 100 * guess, 100 * majority) }
}

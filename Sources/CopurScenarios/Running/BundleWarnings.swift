package import CopurCore
package import CopurReports
internal import Foundation

/// What a bundle says of itself that later data call into question: agents that nothing was learned of, a defence that was chosen
/// where there is nothing to protect, and a promise made by held-out training rows that is not kept. Also what a defence does
/// without an attack that nobody wants unasked: a single class for all, or less than no defence.
package struct BundleWarnings {
  private let bundle: ModelBundle
  private let defense: any Defense

  /// A drop of so much balanced accuracy is one that chance does not explain where no deviation is known.
  private static let drop = 0.1

  package init(_ bundle: ModelBundle, defense: any Defense) {
    self.bundle = bundle
    self.defense = defense
  }

  /// - Parameters:
  ///   - row: What the defence did when nobody attacked.
  ///   - predictions: Its predictions; nil where there was none.
  package func warnings(of row: ResultRow, predictions: [Int?]) -> [String] {
    var warnings = bundle.manifest.protection?.warnings ?? []
    let said = Set(predictions.compactMap { $0 })
    if let only = said.first, said.count == 1, row.majorityRate < 1 {
      warnings.append(
        "says \(bundle.manifest.classes[only]) of every sample, which a constant guess does without any data")
    }
    // An agent that an audit names has readings; why nothing was learned of it is said below.
    let named = (bundle.manifest.audit?.findings ?? []).map(\.agent)
    let unheard = (bundle.manifest.unheard ?? []).filter { !named.contains($0) }
    if !unheard.isEmpty {
      warnings.append(
        "without a reading in any training row, so that nothing is known of it: \(unheard.map(\.name).joined(separator: ", "))"
      )
    }
    if let audit = bundle.manifest.audit, !audit.findings.isEmpty || !audit.labels.isEmpty {
      warnings += audit.words(classes: bundle.manifest.classes).map { "training rows: \($0)" }
    }
    if let promise, row.balancedAccuracy < promise.value - promise.tolerance {
      warnings.append(
        String(
          format:
            "balanced accuracy without an attack is %.1f %%, held-out training rows promised %.1f ± %.1f: these data are "
            + "not like those of training, and what was chosen by them may not hold", 100 * row.balancedAccuracy,
          100 * promise.value, 100 * promise.tolerance))
    }
    return warnings
  }

  /// A defence that costs much accuracy where nobody attacks.
  ///
  /// - Parameters:
  ///   - row: What the defence did.
  ///   - undefended: What no defence did with the same seed; nil where that is not known.
  package static func warnings(of row: ResultRow, beside undefended: ResultRow?) -> [String] {
    guard row.attackKinds.isEmpty, let undefended else { return [] }
    return [
      ("accuracy", row.accuracy, undefended.accuracy),
      ("balanced accuracy", row.balancedAccuracy, undefended.balancedAccuracy),
    ].filter { $0.1 < $0.2 - drop }.map { measure, own, other in
      String(
        format: "%@ without an attack is %.1f %%, %@ without a defense %.1f: it costs more than it may be worth",
        measure, 100 * own, measure, 100 * other)
    }
  }

  /// Balanced accuracy without an attack on held-out rows, and two standard deviations of it.
  private var promise: (value: Double, tolerance: Double)? {
    let manifest = bundle.manifest
    if let taken = manifest.protection?.taken { return (taken.clean.balanced, 2 * taken.clean.deviation) }
    guard defense is any PurifyingDefense else { return nil }
    if let judged = manifest.trainings?.first(where: \.isTaken) { return (Double(judged.clean), Self.drop) }
    let code = bundle.manifold.codeWidth
    return manifest.candidates.first { $0.code == code }.map { (Double($0.clean), Self.drop) }
  }
}

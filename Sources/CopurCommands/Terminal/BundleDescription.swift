import CopurCore
import CopurDefenses
import Foundation

/// A bundle's robustness by its own constants, and the choice of its defence, in lines for people.
struct BundleDescription {
  private let manifest: BundleManifest
  /// Whether a vote is all that it is for.
  private let isForVotes: Bool

  init(_ bundle: ModelBundle) { (manifest, isForVotes) = (bundle.manifest, bundle.isForVotes) }

  var lines: [String] {
    // Neither is about a vote.
    let isVote = isForVotes || manifest.protection?.taken.map { $0.kind != "copur" } ?? false
    let constants = isVote ? [] : leverage + calibration
    let choice = manifest.protection.map { record in
      [record.choiceWords].compactMap { $0 } + record.warnings.map { "warning: \($0)" }
    }
    return (choice ?? [])
      + (manifest.audit?.words(classes: manifest.classes).map { "training rows: \($0)" } ?? []) + constants
  }

  private var calibration: [String] {
    let record = manifest.calibration
    guard let bound = record.reconstruction else {
      return record.rows > 0
        ? ["no held-out training row with all agents: no bound of the reconstruction error"] + agents(record)
        : ["too few training rows to hold any out: no gate, no suspects, no bound of the reconstruction error"]
    }
    return [
      String(
        format: "reconstruction error of clean embeddings (δ of Eq. 6): under %.3g for %g %%, confidence %.1f %%",
        bound.value, 100 * bound.rate, 100 * bound.confidence),
      String(
        format: "clean blocks named suspect: %g %% of each agent's, by %d held-out training rows",
        100 * record.falseAlarmRate, record.rows),
    ] + agents(record)
  }

  /// The promise kept or not by the last run of training rows, agent by agent, and what has to be said before it is relied on.
  private func agents(_ record: CalibrationRecord) -> [String] {
    guard let agents = record.agents else { return [] }
    func percent(_ rate: Double?) -> String { rate.map { String(format: "%.1f", 100 * $0) } ?? "–" }
    let rates = agents.map { "\($0.agent) \(percent($0.lastRun)) (\(percent($0.worstRun)))" }
    return ["named in the last held-out run (the worst), in percent: \(rates.joined(separator: ", "))"]
      + agents.flatMap(\.warnings).map { "warning: \($0)" }
  }

  private var leverage: [String] {
    guard !manifest.leverage.isEmpty else { return [] }
    let constants = manifest.leverage.map { constant in
      let value = String(format: "%.3f", constant.bound)
      return constant.isExact
        ? "q = \(constant.corrupted): \(value)"
        : "q = \(constant.corrupted): at least \(value), at most \(String(format: "%.3f", constant.attained))"
    }
    return [
      "leverage constant (Remark 2), \(constants.joined(separator: "; "))",
      "Theorem 2's sufficient condition is proven for up to \(manifest.leverage.toleratedAgents) lying agents",
    ]
  }
}

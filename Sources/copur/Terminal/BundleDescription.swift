import CopurCore
import Foundation

/// What a bundle says of its own robustness, in lines for people.
struct BundleDescription {
  private let manifest: BundleManifest

  init(_ bundle: ModelBundle) { manifest = bundle.manifest }

  var lines: [String] { leverage }

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

internal import Foundation

extension AuditRecord {
  /// The findings in sentences for people; the share of each class that bears each other label first.
  ///
  /// - Parameter classes: The classes' names.
  public func words(classes: [String]) -> [String] {
    func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
    func name(_ label: Int) -> String { classes.indices.contains(label) ? classes[label] : "\(label)" }
    var words: [String] = []
    for (truth, shares) in flips.enumerated() {
      for (label, share) in shares.enumerated() where label != truth && share >= Self.notable {
        words.append("about \(percent(share)) of \(name(truth)) seem to be labelled \(name(label))")
      }
    }
    if !labels.isEmpty {
      let replaced = labels.count { $0.after != nil }
      words.append(
        "labels of \(labels.count) of \(rows) training rows are not believed: \(replaced) replaced, "
          + "\(labels.count - replaced) rows left out"
          + (precision.map { "; \(percent($0)) of them were wrong" } ?? "")
          + (recall.map { ", \(percent($0)) of all wrong ones" } ?? ""))
    }
    for finding in findings {
      switch finding.reason {
      case .trigger:
        words.append(
          "agent \(finding.agent) alone explains labels \(name(finding.label ?? 0)) that all others deny, in "
            + "\(percent(finding.share)) of its rows: it has no part in joint models")
      case .blocks:
        words.append(
          "\(percent(finding.share)) of agent \(finding.agent)'s blocks are far from its others while no other agent sees "
            + "anything: they are not trained on")
      }
    }
    return words.isEmpty ? ["nothing in the training rows calls for doubt"] : words
  }

  /// The share from which on a flip is worth a word.
  private static let notable = 0.02
}

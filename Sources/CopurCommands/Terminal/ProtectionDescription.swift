import CopurCore
import Foundation

/// The table that a bundle's defence was chosen from, for people; the choice itself is in ``BundleDescription``.
struct ProtectionDescription {
  private let record: ProtectionRecord

  init(_ record: ProtectionRecord) { self.record = record }

  var lines: [String] {
    [
      "protect \(record.threat.words): balanced accuracy (accuracy) on \(record.rows) held-out training rows, percent; a constant guess "
        + String(format: "%.1f (%.1f)", 100 * record.guess, 100 * record.majority)
    ] + table
  }

  private var table: [String] {
    let titles = record.candidates.map(\.title)
    let width = max("no defense".count, titles.map(\.count).max() ?? 0) + 2
    func line(_ title: String, _ cells: [String]) -> String {
      let line =
        "  " + title.padding(toLength: width, withPad: " ", startingAt: 0)
        + cells.map { $0.padding(toLength: 24, withPad: " ", startingAt: 0) }.joined()
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    let head = line("", ["clean", "under the threat", "any 1", "any 2", "any 3"])
    // Bundles of earlier programs have no defence beside the candidates.
    let undefended = record.listsUndefended ? [] : [line(" no defense", [text(record.undefended)])]
    return [head] + undefended
      + record.candidates.enumerated().map { index, candidate in
        let threat = text(candidate.protected) + (candidate.isCertified ? "" : " attacked")
        return line(
          (candidate.isTaken ? "*" : " ") + titles[index],
          [text(candidate.clean), threat] + candidate.certified.map(text))
      }
  }

  private func text(_ score: ProtectionRecord.Score) -> String {
    String(format: "%.1f ± %.1f (%.1f)", 100 * score.balanced, 100 * score.deviation, 100 * score.accuracy)
  }
}

import CopurCore
import Foundation

/// How a bundle's defence was chosen, as a table for people.
struct ProtectionDescription {
  private let record: ProtectionRecord

  init(_ record: ProtectionRecord) { self.record = record }

  var lines: [String] {
    [
      "protect \(record.threat.words): balanced accuracy (accuracy) on \(record.rows) held-out training rows, percent; majority "
        + String(format: "%.1f", 100 * record.majority)
    ] + table + verdict
  }

  private var table: [String] {
    let titles = record.candidates.map(\.title)
    let width = max("no defense".count, titles.map(\.count).max() ?? 0) + 2
    func line(_ title: String, _ cells: [String]) -> String {
      "  " + title.padding(toLength: width, withPad: " ", startingAt: 0)
        + cells.map { $0.padding(toLength: 21, withPad: " ", startingAt: 0) }.joined()
    }
    let head = line("", ["clean", "under the threat", "any 1", "any 2", "any 3"])
    let undefended = line("no defense", [text(record.undefended)])
    return [head, undefended]
      + record.candidates.enumerated().map { index, candidate in
        let threat = text(candidate.protected) + (candidate.isCertified ? "" : " attacked")
        return line(
          (candidate.isTaken ? "*" : " ") + titles[index],
          [text(candidate.clean), threat] + candidate.certified.map(text))
      }
  }

  private var verdict: [String] {
    guard let taken = record.taken else { return [] }
    var lines = [
      "* taken\(taken.kind == record.candidates.first?.kind ? ", the default" : ""): of the others only one that is certified and "
        + "better by two standard deviations takes the default's place; at most "
        + String(format: "%g", 100 * record.cost) + " points of clean balanced accuracy are given up for it"
    ]
    if taken.loss > record.cost {
      lines.append(
        String(
          format: "warning: on held-out rows it costs %.1f ± %.1f points of clean balanced accuracy",
          100 * taken.loss, 100 * taken.lossDeviation))
    }
    if !taken.isEligible {
      lines.append(
        "warning: no defense that protects better than a guess keeps clean balanced accuracy within these points")
    }
    if !record.isWorthwhile {
      lines.append(
        String(
          format:
            "nothing to protect here: under this threat held-out rows keep %.1f ± %.1f %% balanced accuracy, a constant "
            + "guess %.1f", 100 * taken.protected.balanced, 100 * taken.protected.deviation,
          100 / Double(max(1, record.classes))))
    }
    return lines
  }

  private func text(_ score: ProtectionRecord.Score) -> String {
    String(format: "%.1f ± %.1f (%.1f)", 100 * score.balanced, 100 * score.deviation, 100 * score.accuracy)
  }
}

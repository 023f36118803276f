internal import CopurCore

/// The tables of runs in LaTeX, with booktabs: attacks down and defences across, and what is certified.
public struct LaTeXTables {
  /// The column of results that a table has.
  public enum Value: Sendable {
    /// The fraction of samples predicted right.
    case accuracy
    /// The mean of the classes' recalls.
    case balancedAccuracy
    /// The gain of attacks over no attack.
    case attackSuccess

    fileprivate var measure: @Sendable (ResultRow) -> Double? {
      switch self {
      case .accuracy: { $0.accuracy }
      case .balancedAccuracy: { $0.balancedAccuracy }
      case .attackSuccess: { $0.attackSuccessRate }
      }
    }

    fileprivate var words: String {
      switch self {
      case .accuracy: "Accuracy"
      case .balancedAccuracy: "Balanced accuracy"
      case .attackSuccess: "Attack success"
      }
    }
  }

  private let runs: [RunReport]
  private let value: Value
  private let defenses: [String]

  /// - Parameters:
  ///   - runs: In the order in which they are shown.
  ///   - value: What cells hold, in percent.
  ///   - defenses: Those to show, in this order; empty for all of each run.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a run has no defence of a name.
  public init(_ runs: [RunReport], value: Value = .accuracy, defenses: [String] = []) throws {
    for run in runs {
      let known = RunResults(run.rows).defenses
      for defense in defenses where !known.contains(defense) {
        throw CopurError(
          .invalidArgument,
          "a defense of the run \"\(run.record.scenario)\" is one of \(known.joined(separator: ", ")) (actual: "
            + "\"\(defense)\")")
      }
    }
    (self.runs, self.value, self.defenses) = (runs, value, defenses)
  }

  /// All tables, to be read by `\input`.
  public var text: String {
    "% Written by `copur export latex`. It needs \\usepackage{booktabs}, and text in UTF-8.\n"
      + runs.map { "\n" + attacks(of: $0) + certificates(of: $0) }.joined()
  }

  private func attacks(of run: RunReport) -> String {
    let results = RunResults(run.rows)
    let shown = defenses.isEmpty ? results.defenses : defenses
    let attacks = results.attacks.filter { attack in
      shown.contains { results.summary(attack, $0, of: value.measure) != nil }
    }
    guard !attacks.isEmpty else { return "" }
    return comment(of: run)
      + table(
        caption: "\(value.words) in percent on \(run.record.dataset)\(seeds(of: run)).\(guess(in: run))",
        label: "\(run.record.title)",
        titles: ["attack"] + shown,
        rows: attacks.map { attack in
          [LaTeXText.escaped(attack.name)]
            + shown.map { LaTeXText.percent(results.summary(attack, $0, of: value.measure)) }
        })
  }

  private func certificates(of run: RunReport) -> String {
    let certificates = CertificateResults(run.certificates)
    guard !certificates.compromised.isEmpty else { return "" }
    let known = RunResults(run.rows).defenses
    let shown = (defenses.isEmpty ? known : defenses).filter { defense in
      certificates.compromised.contains { certificates.summary(defense, $0, of: \.certified) != nil }
    }
    guard !shown.isEmpty else { return "" }
    return "\n"
      + table(
        caption:
          "Certified accuracy in percent on \(run.record.dataset): right whatever the named agents send. After $\\pm$ "
          + "one standard deviation, of seeds and of runs of 30 consecutive rows (bootstrap)."
          + guess(certificates.majorityRate),
        label: "\(run.record.title) certified", titles: ["agents that may lie"] + shown,
        rows: certificates.compromised.map { compromised in
          [LaTeXText.escaped(compromised.words)]
            + shown.map { LaTeXText.percent(certificates.summary($0, compromised, of: \.certified)) }
        })
  }

  private func comment(of run: RunReport) -> String {
    let record = run.record
    return LaTeXText.comment(
      (record.command.map { "\($0)\n" } ?? "")
        + "copur \(record.copurVersion)\(record.commit.map { ", commit \($0)" } ?? "")"
        + (record.finished == nil ? "\nThe run was interrupted: this is what it had measured." : ""))
  }

  /// The accuracy that every table is to be read beside; that of balanced accuracy is one over the number of classes.
  private func guess(in run: RunReport) -> String {
    guard case .accuracy = value else { return "" }
    return guess(run.rows.first?.majorityRate)
  }

  private func guess(_ majorityRate: Double?) -> String {
    majorityRate.map { " A constant guess: \(Summary([$0]).percent)." } ?? ""
  }

  private func seeds(of run: RunReport) -> String {
    let seeds = Set(run.rows.map(\.seed)).count
    return seeds == 1 ? "" : ", mean $\\pm$ standard deviation of \(seeds) seeds"
  }

  /// - Parameters:
  ///   - caption: May hold formulas, and is escaped but for them.
  ///   - rows: In LaTeX.
  private func table(caption: String, label: String, titles: [String], rows: [[String]]) -> String {
    let body = rows.map { "    \($0.joined(separator: " & ")) \\\\\n" }.joined()
    let caption = caption.split(separator: "$", omittingEmptySubsequences: false).enumerated().map {
      $0.offset % 2 == 0 ? LaTeXText.escaped(String($0.element)) : "$\($0.element)$"
    }.joined()
    let label = label.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "-" }.joined()
    return """
      \\begin{table}
        \\centering
        \\caption{\(caption)}
        \\label{tab:\(label)}
        \\begin{tabular}{l\(String(repeating: "r", count: titles.count - 1))}
          \\toprule
          \(titles.map(LaTeXText.escaped).joined(separator: " & ")) \\\\
          \\midrule
      \(body)    \\bottomrule
        \\end{tabular}
      \\end{table}

      """
  }
}

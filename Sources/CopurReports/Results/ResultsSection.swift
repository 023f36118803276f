internal import CopurCore
internal import Foundation

/// A run's tables in Markdown: what each defence withstands, worst first, and all attacks.
struct ResultsSection {
  private let record: RunRecord
  private let results: RunResults
  private let certificates: CertificateResults
  private let defenses: [String]

  /// - Parameter defenses: Those to show, in this order; empty for all.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the run has no defence of a name.
  init(_ report: RunReport, defenses: [String] = []) throws {
    record = report.record
    results = RunResults(report.rows)
    certificates = CertificateResults(report.certificates)
    for defense in defenses where !results.defenses.contains(defense) {
      throw CopurError(
        .invalidArgument,
        "a defense of the run \"\(report.record.scenario)\" is one of \(results.defenses.joined(separator: ", ")) "
          + "(actual: \"\(defense)\")")
    }
    self.defenses = defenses.isEmpty ? results.defenses : defenses
  }

  /// Title, where the figures come from, and the tables.
  var markdown: String {
    """
    ## \(record.title)

    \(provenance)

    \(summary)
    \(Self.reading) A constant guess, which nothing changes: \(majority).

    \(attacks)
    Accuracy (balanced accuracy); ± over seeds alone.\(unfinished)

    """
  }

  /// One line a defence: what its worst attack leaves, what is certified, and what it does when nobody attacks.
  var summary: String {
    let counts = certificates.counts
    let named = certificates.compromised.filter { if case .agents = $0 { true } else { false } }
    var table = MarkdownTable(
      ["defence", "worst attack"] + counts.map { "certified, \(CertificateRow.Compromised.any($0).words)" }
        + named.map { "certified, \($0.words)" } + ["nobody attacks"])
    for defense in defenses {
      table.addRow(
        ["`\(defense)`", worst(of: defense)]
          + (counts.map(CertificateRow.Compromised.any) + named).map { certified(defense, $0) } + [clean(of: defense)])
    }
    return table.markdown
  }

  /// The way to read ``summary``.
  static let reading =
    "Percent of the test samples: accuracy (balanced accuracy). ± one standard deviation: certificates of seeds and of runs of "
    + "30 consecutive rows (bootstrap), attacks of seeds."

  /// The accuracy of always guessing the most frequent class.
  var majority: String { results.rows.first.map { Summary([$0.majorityRate]).percent } ?? "–" }

  /// The command, if the record has it.
  var command: String? { record.command }

  private var provenance: String {
    let machine = [
      record.machine.processor, "\(record.machine.cores) cores",
      record.machine.instructions.map { "products with \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withFullDate]
    let time = record.finished.map { " in \(Number.duration(seconds: $0.timeIntervalSince(record.started)))" } ?? ""
    let lines = [
      record.command.map { "`\($0)`" },
      "copur \(record.copurVersion)\(record.commit.map { ", commit \($0.prefix(12))" } ?? ""); "
        + "\(formatter.string(from: record.started))\(time); \(machine)",
      "\(record.dataset), \(record.trainRows) training and \(record.testRows) test rows; "
        + (record.seeds.count == 1 ? "seed \(record.seeds[0])" : "\(record.seeds.count) seeds")
        + "; \(record.mode.rawValue)",
    ]
    return lines.compactMap { $0.map { "- \($0)\n" } }.joined().trimmingCharacters(in: .newlines)
  }

  private var unfinished: String {
    record.finished == nil ? " The run was interrupted: what is here is what it had measured." : ""
  }

  /// All attacks, the rows in their order, the defences across.
  private var attacks: String {
    var table = MarkdownTable(["attack", "attacker knows"] + defenses.map { "`\($0)`" })
    for attack in results.attacks {
      table.addRow(
        [attack.name, attack.knowledge.map(KnowledgeWords.of) ?? ""] + defenses.map { figures(attack, $0) })
    }
    return table.markdown
  }

  private func figures(_ attack: RunResults.Attack, _ defense: String) -> String {
    guard let accuracy = results.summary(attack, defense, of: \.accuracy),
      let balanced = results.summary(attack, defense, of: \.balancedAccuracy)
    else { return "–" }
    return "\(accuracy.percent) (\(balanced.percent))"
  }

  private func worst(of defense: String) -> String {
    results.worst(of: defense, among: results.attacks.filter { !$0.isClean }, by: \.accuracy)
      .map { "\(figures($0.attack, defense)), \($0.attack.name)" } ?? "–"
  }

  private func clean(of defense: String) -> String {
    results.attacks.first(where: \.isClean).map { figures($0, defense) } ?? "–"
  }

  private func certified(_ defense: String, _ compromised: CertificateRow.Compromised) -> String {
    guard let accuracy = certificates.summary(defense, compromised, of: \.certified),
      let balanced = certificates.summary(defense, compromised, of: \.certifiedBalanced)
    else { return "–" }
    return "\(accuracy.percent) (\(balanced.percent))"
  }
}

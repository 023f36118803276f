internal import CopurCore

/// The choices of defences by training, on held-out training rows.
struct ChoiceSection {
  let record: RunRecord

  var section: ReportSection? {
    let choices = choices
    guard !choices.isEmpty else { return nil }
    return ReportSection(
      id: "choice", title: "What training chose", explanation: HTML("p") { Self.explanation }
    ) {
      for choice in choices { content(of: choice) }
    }
  }

  private static let explanation =
    "On training rows that were held out in turn, before any test row: what each candidate does without an attack, and what of it is "
    + "certified, or was left by an adaptive attacker, under the threat that the scenario wants to be protected from. Below each figure, "
    + "smaller, accuracy. The first candidate is the default; it gives way only to one that is certified for more by two standard "
    + "deviations, and costs no more than is allowed. Where nothing that may be taken is certified for more than a constant guess, "
    + "there is nothing to protect, and the best without an attack is taken."

  /// The choices of one bundle for each seed.
  private struct Choice {
    let defenses: [String]
    var seeds: [(seed: UInt64, record: ProtectionRecord)]
  }

  private var choices: [Choice] {
    var choices: [Choice] = []
    for bundle in record.bundles {
      guard let protection = bundle.protection else { continue }
      let defenses = bundle.defenses ?? []
      if let place = choices.firstIndex(where: { $0.defenses == defenses }) {
        choices[place].seeds.append((bundle.seed, protection))
      } else {
        choices.append(Choice(defenses: defenses, seeds: [(bundle.seed, protection)]))
      }
    }
    return choices
  }

  private func content(of choice: Choice) -> HTML {
    let (seed, record) = choice.seeds[0]
    let name = choice.defenses.joined(separator: ", ")
    return HTML {
      table(record, caption: "\(name), seed \(seed): protect \(record.threat.words); balanced accuracy in percent").html
      HTML("ul") {
        for words in sentences(of: choice) { HTML("li") { "\(name), \(words)" } }
      }
    }
  }

  /// The choice and the warnings of each seed, each sentence once with its seeds.
  private func sentences(of choice: Choice) -> [String] {
    var sentences: [(words: String, seeds: [String])] = []
    for (seed, record) in choice.seeds {
      let words = [record.choiceWords].compactMap { $0 } + record.warnings.map { "warning: \($0)" }
      for words in words {
        if let place = sentences.firstIndex(where: { $0.words == words }) {
          sentences[place].seeds.append("\(seed)")
        } else {
          sentences.append((words, ["\(seed)"]))
        }
      }
    }
    return sentences.map {
      "\($0.seeds.count == 1 ? "seed" : "seeds") \($0.seeds.joined(separator: ", ")): \($0.words)"
    }
  }

  private func table(_ record: ProtectionRecord, caption: String) -> DataTable {
    let counts = record.candidates.map(\.certified.count).max() ?? 0
    let undefended = [DataTable.Row("no defense", cells: [cell(record.undefended)] + blank(counts + 1))]
    return DataTable(
      caption: caption, corner: "candidate",
      columns: [.init("nobody is attacked"), .init("under the threat")]
        + (0..<counts).map { DataTable.Column("certified, any \($0 + 1)") },
      rows: (record.listsUndefended ? [] : undefended)
        + record.candidates.map { candidate in
          DataTable.Row(
            candidate.title,
            note: candidate.isTaken ? "taken" : candidate.isEligible ? nil : "costs too much, or gives up a class",
            cells: [cell(candidate.clean), cell(candidate.protected, isCertified: candidate.isCertified)]
              + candidate.certified.map { cell($0) } + blank(counts - candidate.certified.count))
        }
        + [
          DataTable.Row(
            "a constant guess", cells: [text(record.guess, nil, under: record.majority)] + blank(counts + 1))
        ])
  }

  private func blank(_ count: Int) -> [HTML] { (0..<count).map { _ in .text(Number.none) } }

  private func cell(_ score: ProtectionRecord.Score, isCertified: Bool = true) -> HTML {
    text(score.balanced, score.deviation, under: score.accuracy, isCertified: isCertified)
  }

  private func text(_ rate: Double, _ deviation: Double?, under: Double, isCertified: Bool = true) -> HTML {
    HTML {
      Number.percent(rate) + (deviation.map { " ± \(Number.percent($0))" } ?? "")
      HTML("span", ["class": "under"]) { Number.percent(under) + (isCertified ? "" : ", attacked") }
    }
  }
}

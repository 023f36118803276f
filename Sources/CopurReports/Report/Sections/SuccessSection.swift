/// The success of each attack at what it wanted.
struct SuccessSection {
  let results: RunResults

  var section: ReportSection? {
    let attacks = results.attacks.filter { attack in
      results.defenses.contains { results.summary(attack, $0, of: \.attackSuccessRate) != nil }
    }
    guard !attacks.isEmpty else { return nil }
    return ReportSection(
      id: "success", title: "What attacks gained",
      explanation: HTML("p") {
        "Attack success: of the samples on which the attacker does not have what it wants when nobody attacks, those on "
        "which it has it now. A targeted attack wants its class for samples of others, any other attack a wrong prediction."
      }
    ) {
      DataTable(
        caption: "Attack success in percent", corner: "attack", columns: results.defenses.map { .init($0) },
        rows: attacks.map { attack in
          DataTable.Row(
            attack.name, note: results.words(attack),
            cells: results.defenses.map {
              .text(Number.percent(results.summary(attack, $0, of: \.attackSuccessRate)))
            })
        }
      ).html
      if isOlder {
        HTML("p", ["class": "note"]) {
          "These rows are of an older version, whose targeted attacks were also credited with samples that had their class when "
          "nobody attacked."
        }
      }
      changes
      warnings
    }
  }

  private var changes: [HTML] {
    let attacks = results.attacks.filter { attack in
      results.defenses.contains { results.summary(attack, $0, of: \.changeNorm) != nil }
    }
    guard !attacks.isEmpty else { return [] }
    return [
      HTML("details", ["class": "numbers"]) {
        HTML("summary") { "How much they changed" }
        DataTable(
          caption: "‖sent − honest‖₂ over the lying agents’ blocks, mean over the samples, in the embedding’s unit",
          corner: "attack", columns: results.defenses.map { .init($0) },
          rows: attacks.map { attack in
            DataTable.Row(
              attack.name,
              cells: results.defenses.map {
                .text(Number.significant(results.summary(attack, $0, of: \.changeNorm)))
              })
          }
        ).html
      }
    ]
  }

  /// Why an attack may be weaker than it looks, each reason with the seeds that it is of.
  private var warnings: HTML? {
    var reasons: [(words: String, seeds: [UInt64])] = []
    for row in results.rows {
      for warning in row.warnings {
        let words = "\(row.attack) against \(row.defense): \(warning)"
        if let index = reasons.firstIndex(where: { $0.words == words }) {
          reasons[index].seeds.append(row.seed)
        } else {
          reasons.append((words, [row.seed]))
        }
      }
    }
    guard !reasons.isEmpty else { return nil }
    return HTML {
      HTML("h3") { "Attacks that may be weaker than they look" }
      HTML("ul") {
        for reason in reasons {
          HTML("li") {
            reason.words
            " (\(reason.seeds.count == 1 ? "seed" : "seeds") \(Number.list(reason.seeds.map { "\($0)" })))"
          }
        }
      }
    }
  }

  /// Whether targeted attacks were measured before success became what is gained: rows had no deviations then.
  private var isOlder: Bool {
    results.rows.contains { $0.goal == "targeted" && $0.attackSuccessRate != nil && $0.accuracyDeviation == nil }
  }
}

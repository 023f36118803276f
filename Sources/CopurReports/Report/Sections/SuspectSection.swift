/// How well the agents that a defence names suspect are those that lied.
struct SuspectSection {
  let results: RunResults

  private static let measures: [(title: String, value: @Sendable (ResultRow) -> Double?)] = [
    ("precision", { $0.suspects?.precision }), ("recall", { $0.suspects?.recall }),
    ("false alarms", { $0.suspects?.falseAlarmRate }),
  ]

  var section: ReportSection? {
    let defenses = results.defenses.filter { defense in
      results.rows.contains { $0.defense == defense && $0.suspects != nil }
    }
    guard !defenses.isEmpty else { return nil }
    return ReportSection(id: "suspects", title: "Who is suspect") {
      HTML("p") {
        "In percent, over all pairs of an agent and a sample. Precision: of the agents named suspect, those that did send "
        "an adversarial embedding. Recall: of those that did, the ones named. False alarms: of the honest agents that "
        "spoke, the ones named. A dash where nobody lies or nobody is named."
      }
      DataTable(
        caption: "Suspects’ precision, recall and false alarms, in percent", corner: "attack",
        groups: defenses.map { .init(title: $0, span: Self.measures.count) },
        columns: defenses.flatMap { _ in Self.measures.map { DataTable.Column($0.title) } },
        rows: results.attacks.map { attack in
          DataTable.Row(
            attack.name, note: attack.summary,
            cells: defenses.flatMap { defense in
              Self.measures.map { .text(Number.percent(results.summary(attack, defense, of: $0.value))) }
            })
        }
      ).html
    }
  }
}

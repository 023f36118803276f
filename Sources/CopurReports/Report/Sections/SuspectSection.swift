/// The agreement of the agents that a defence names suspect with those that lied.
struct SuspectSection {
  let results: RunResults

  private static let measures: [(title: String, value: @Sendable (ResultRow) -> Double?)] = [
    ("precision", { $0.suspects?.precision }), ("recall", { $0.suspects?.recall }),
    ("false alarms", { $0.suspects?.falseAlarmRate }), ("alarm", { $0.alarms?.recall }),
    ("false alarm raised", { $0.alarms?.falseRate }),
  ]

  var section: ReportSection? {
    let defenses = results.defenses.filter { defense in
      results.rows.contains { $0.defense == defense && $0.suspects != nil }
    }
    guard !defenses.isEmpty else { return nil }
    return ReportSection(
      id: "suspects", title: "Who is suspect",
      explanation: HTML("p") {
        "In percent, over all pairs of an agent and a sample. Precision: of the agents named suspect, those that did send "
        "an adversarial embedding. Recall: of those that did, the ones named. False alarms: of the honest agents that "
        "spoke, the ones named. A dash where nobody lies or nobody is named. A row names whom it finds odd; an alarm stands "
        "while an agent is suspect in more consecutive rows than it ever was in clean held-out ones: of the pairs that "
        "lied, and of honest ones, those at which it stood."
      }
    ) {
      DataTable(
        caption: "Suspects’ precision, recall and false alarms, in percent", corner: "attack",
        groups: defenses.map { .init(title: $0, span: Self.measures.count) },
        columns: defenses.flatMap { _ in Self.measures.map { DataTable.Column($0.title) } },
        rows: results.attacks.map { attack in
          DataTable.Row(
            attack.name, note: results.words(attack),
            cells: defenses.flatMap { defense in
              Self.measures.map { .text(Number.percent(results.summary(attack, defense, of: $0.value))) }
            })
        }
      ).html
      byAgent(defenses)
    }
  }

  /// False alarms of each agent, over the seeds of all clean trials.
  @HTMLBuilder private func byAgent(_ defenses: [String]) -> [HTML] {
    let clean = results.rows.filter { $0.attackKinds.isEmpty && $0.falseAlarms != nil }
    if let agents = clean.first?.falseAlarms?.map(\.agent) {
      DataTable(
        caption: "Clean rows in which an honest agent is named suspect, in percent", corner: "agent",
        columns: defenses.map { .init($0) },
        rows: agents.enumerated().map { index, agent in
          DataTable.Row(
            results.agents.words(agent),
            cells: defenses.map { defense in
              let rates = clean.filter { $0.defense == defense }.compactMap { row in
                row.falseAlarms.flatMap { $0.count > index ? $0[index].rate : nil }
              }
              let mean = rates.isEmpty ? nil : rates.reduce(0, +) / Double(rates.count)
              return .text(mean.map { "\(Number.percent($0))" } ?? Number.none)
            })
        }
      ).html
    }
  }
}

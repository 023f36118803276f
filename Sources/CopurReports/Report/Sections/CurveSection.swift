/// Accuracy, balanced accuracy and the attack's success over the amplification or the number of lying agents.
struct CurveSection {
  let record: RunRecord
  let results: RunResults

  /// A panel of a figure.
  private struct Panel: Sendable {
    var name: String
    var title: String
    var measure: @Sendable (ResultRow) -> Double?
    var hasReference: Bool
  }

  private static let panels = [
    Panel(name: "accuracy", title: "accuracy, %", measure: { $0.accuracy }, hasReference: true),
    Panel(name: "balanced", title: "balanced accuracy, %", measure: { $0.balancedAccuracy }, hasReference: false),
    Panel(name: "success", title: "attack success, %", measure: { $0.attackSuccessRate }, hasReference: false),
  ]

  var section: ReportSection? {
    let families = AttackFamily.all(among: results.attacks)
    guard !families.isEmpty else { return nil }
    return ReportSection(
      id: "curves", title: "Under growing attacks",
      explanation: HTML("p") {
        "Attacks that differ in one thing, which is the axis. Attack success: of the samples on which the attacker does not "
        "have what it wants when nobody attacks, those on which it has it now."
      }
    ) {
      for (number, family) in families.enumerated() { figure(of: family, number: number) }
    }
  }

  private func figure(of family: AttackFamily, number: Int) -> HTML {
    let labels = family.attacks.map { label(of: $0, in: family) }
    let majority = results.rows.first.map { LinePlot.Reference(name: "majority class", value: $0.majorityRate) }
    return HTML("figure") {
      HTML("h3") { title(of: family) }
      HTML("div", ["class": "panels"]) {
        for panel in Self.panels {
          LinePlot(
            id: "curve-\(number)-\(panel.name)", title: panel.title, xTitle: xTitle(of: family), xLabels: labels,
            xValues: family.axis == .amplification ? family.attacks.compactMap(\.amplification) : nil,
            series: series(of: family, panel.measure), reference: panel.hasReference ? majority : nil
          ).html
        }
        // The fourth place of three panels.
        HTML("div") {
          Legend(names: results.defenses, reference: "always guessing the most frequent class").html
          HTML("p", ["class": "note"]) { caption(of: family) }
        }
      }
      numbers(of: family, labels: labels)
    }
  }

  private func title(of family: AttackFamily) -> String {
    let title = family.axis == .amplification ? "Over the amplification" : "Over the number of lying agents"
    return figure(of: family).map { "\(title), as in \($0.rawValue)" } ?? title
  }

  /// The paper's figure with this attack, if the agents are the paper's.
  private func figure(of family: AttackFamily) -> PaperFigure? { isNumbered ? PaperFigure(family) : nil }

  private func series(of family: AttackFamily, _ measure: (ResultRow) -> Double?) -> [LinePlot.Series] {
    results.defenses.enumerated().map { index, defense in
      LinePlot.Series(
        name: defense, style: SeriesStyle(index: index),
        points: family.attacks.enumerated().compactMap { place, attack in
          results.summary(attack, defense, of: measure).map { (place, $0) }
        })
    }
  }

  private func xTitle(of family: AttackFamily) -> String {
    switch family.axis {
    case .amplification: "amplification of the flipped embeddings, logarithmic"
    case .compromised: isNumbered ? "agents that flip, by number" : "how many agents flip"
    }
  }

  private func label(of attack: RunResults.Attack, in family: AttackFamily) -> String {
    switch family.axis {
    case .amplification: return Number.short(attack.amplification ?? 0)
    case .compromised:
      guard isNumbered, let numbers = PaperResults.extraSensory.numbers(of: attack.compromised) else {
        return "\(attack.compromised.count)"
      }
      return Self.ranges(numbers.sorted())
    }
  }

  /// Whether the agents have the paper's numbers.
  private var isNumbered: Bool { record.dataset == PaperResults.extraSensory.dataset }

  /// Ascending numbers, neighbours joined: `1, 8–10`.
  private static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")
  }

  private func caption(of family: AttackFamily) -> String {
    let first = family.attacks[0]
    var words =
      switch family.axis {
      case .amplification:
        "\(first.compromised.count == 1 ? "Agent" : "Agents") \(Number.list(first.compromised)) "
          + "\(first.compromised.count == 1 ? "sends" : "send") −a times the embedding, a on the axis"
      case .compromised:
        "From agent \(Number.list(first.compromised)) to \(Number.list(family.attacks.last?.compromised ?? [])): each sends "
          + "−\(Number.short(first.amplification ?? 0)) times its embedding"
      }
    if !first.missing.isEmpty { words += "; \(Number.list(first.missing)) silent" }
    words += "."
    if results.rows.contains(where: { $0.seed != results.rows[0].seed }) {
      words += " Bars: one standard deviation over seeds."
    }
    guard let figure = figure(of: family) else { return words }
    words += " The attack of the paper’s \(figure.rawValue): \(figure.setting)."
    return words
      + (PaperResults.extraSensory.covers(record)
        ? " The paper prints its curves without numbers." : " The paper’s is of another user.")
  }

  private func numbers(of family: AttackFamily, labels: [String]) -> HTML {
    HTML("details", ["class": "numbers"]) {
      HTML("summary") { "The figure’s numbers" }
      for panel in Self.panels {
        DataTable(
          caption: panel.title, corner: "defence", columns: labels.map { DataTable.Column($0) },
          rows: results.defenses.map { defense in
            DataTable.Row(
              defense,
              cells: family.attacks.map { .text(Number.percent(results.summary($0, defense, of: panel.measure))) })
          }
        ).html
      }
    }
  }
}

/// The section of residuals: each agent's, clean and under each attack.
struct ResidualSection {
  let results: RunResults

  var section: ReportSection? {
    let defenses = results.defenses.filter { defense in
      results.rows.contains { $0.defense == defense && $0.residuals != nil }
    }
    guard !defenses.isEmpty else { return nil }
    return ReportSection(
      id: "residuals", title: "Residual of each agent",
      explanation: HTML("p") {
        "‖[h − l̂]"
        HTML("sub") { "i" }
        "‖"
        HTML("sub") { "2" }
        ", how far what an agent sent is from what the purifier makes of it, in the embedding’s unit. A panel is an attack; "
        "the axis is logarithmic, the same in all panels of a defence. Mark: median over the samples; bar: quartiles (means "
        "over seeds)."
      }
    ) {
      HTML("ul", ["class": "legend"]) {
        HTML("li") { key("honest", SeriesStyle(index: 0), "honest agent") }
        HTML("li") { key("liar", SeriesStyle(index: 2), "compromised agent") }
        HTML("li") {
          HTML("svg", ["width": "22", "height": "12", "viewBox": "0 0 22 12", "aria-hidden": "true"]) {
            SVG.line("clean", from: (2, 6), to: (20, 6))
          }
          " median when nobody is attacked"
        }
        HTML("li") { "× missing" }
      }
      for (number, defense) in defenses.enumerated() { figure(of: defense, number: number) }
    }
  }

  /// More panels than this can be folded away.
  private static let foldedPanels = 9

  private func key(_ role: String, _ style: SeriesStyle, _ words: String) -> HTML {
    HTML {
      HTML("svg", ["class": role, "width": "16", "height": "14", "viewBox": "0 0 16 14", "aria-hidden": "true"]) {
        style.marker(x: 8, y: 7)
      }
      " " + words
    }
  }

  private func figure(of defense: String, number: Int) -> HTML? {
    let panels = results.attacks.compactMap { attack in
      residuals(attack, defense).map {
        (attack: attack, agents: $0, liars: Set(results.rows(attack, defense).flatMap(\.compromised)))
      }
    }
    let clean = panels.first { $0.attack.isClean }?.agents
    let values = panels.flatMap(\.agents).compactMap(\.quartiles).flatMap { [$0.lower, $0.median, $0.upper] }
      .filter { $0 > 0 }
    guard let least = values.min(), let most = values.max() else { return nil }
    // Residuals of 0 have no place on a logarithmic axis: they are drawn at its end.
    let range = max(least, most * 1e-6) / 1.2...min(most * 1.2, .greatestFiniteMagnitude)
    let drawings = HTML("div", ["class": "panels"]) {
      for (place, panel) in panels.enumerated() {
        ResidualPlot(
          id: "residual-\(number)-\(place)", title: panel.attack.name, note: results.actions(in: panel.attack),
          agents: panel.agents.map { agent in
            ResidualPlot.Agent(
              name: results.agents.words(agent.agent),
              role: panel.liars.contains(agent.agent)
                ? .compromised : agent.quartiles == nil ? .missing : .honest,
              quartiles: agent.quartiles,
              cleanMedian: panel.attack.isClean
                ? nil : clean?.first { $0.agent == agent.agent }?.quartiles?.median)
          },
          range: range
        ).html
      }
    }
    return HTML("figure") {
      HTML("h3") { defense }
      if panels.count > Self.foldedPanels {
        HTML("details", ["open": number == 0 ? "open" : nil]) {
          HTML("summary") { "\(panels.count) attacks" }
          drawings
        }
      } else {
        drawings
      }
    }
  }

  /// Each agent's quartiles, their means over seeds; nil if the defence computes none.
  private func residuals(_ attack: RunResults.Attack, _ defense: String) -> [AgentResiduals]? {
    let seeds = results.rows(attack, defense).compactMap(\.residuals)
    guard let agents = seeds.first?.map(\.agent) else { return nil }
    return agents.map { agent in
      let quartiles = seeds.compactMap { seed in seed.first { $0.agent == agent }?.quartiles }
      return AgentResiduals(agent: agent, quartiles: Quartiles(meanOf: quartiles))
    }
  }
}

extension Quartiles {
  /// The means of each quartile over several samples; nil if there is none.
  init?(meanOf samples: [Quartiles]) {
    guard !samples.isEmpty else { return nil }
    func mean(_ quartile: (Quartiles) -> Double) -> Double {
      samples.reduce(0) { $0 + quartile($1) / Double(samples.count) }
    }
    self.init(lower: mean(\.lower), median: mean(\.median), upper: mean(\.upper))
  }
}

/// Agents with their numbers, and each defence and attack of the run in a line.
struct KindSection {
  let record: RunRecord
  let results: RunResults

  var section: ReportSection? {
    guard !results.rows.isEmpty else { return nil }
    return ReportSection(
      id: "kinds", title: "Who plays",
      explanation: HTML("p") {
        "Each defence and each attack in a line, and who attacks. A number in brackets is the agent’s place in the model: "
        "papers and names of attacks often say “10” for the tenth."
        if explained.isEmpty { " This older run does not say what its defences are." }
      }
    ) {
      HTML("dl", ["class": "kinds"]) {
        if !results.agents.agents.isEmpty { entry("Agents", agents) }
        for defense in explained { entry(defense.name, words(on: defense)) }
      }
      HTML("dl", ["class": "kinds"]) {
        for attack in results.attacks { entry(attack.name, words(on: attack)) }
      }
    }
  }

  /// The defences that the run says something of; none in an older one.
  private var explained: [RunRecord.Defense] {
    results.defenses.map { record.defense($0) }.filter { $0.summary != nil }
  }

  /// More agents than this are not listed one by one.
  private static let listed = 40

  private var agents: HTML {
    let agents = results.agents.agents
    guard agents.count > Self.listed else { return .text(results.agents.words(agents)) }
    return .text(
      "\(agents.count) agents, from \(results.agents.words(agents[0])) to \(results.agents.words(agents[agents.count - 1]))"
    )
  }

  private func entry(_ name: String, _ words: HTML) -> HTML {
    HTML("div") {
      HTML("dt") { name }
      HTML("dd") { words }
    }
  }

  private func words(on defense: RunRecord.Defense) -> HTML {
    let kind = defense.kind == defense.name ? "" : "\(defense.kind): "
    let goal = defense.goal.map { " Trained on \($0) attacks." } ?? ""
    return HTML {
      kind
      HTML.inMarkdown((defense.summary ?? "") + goal)
    }
  }

  private func words(on attack: RunResults.Attack) -> HTML {
    HTML {
      results.actions(in: attack).sentence
      HTML.inMarkdown(
        attack.kinds.compactMap { kind in record.attackKinds?.first { $0.kind == kind }?.summary }.map { " " + $0 }
          .joined())
      if let knowledge = attack.knowledge { " The attacker knows \(KnowledgeWords.of(knowledge))." }
    }
  }
}

extension String {
  /// With a full stop at its end.
  fileprivate var sentence: String { hasSuffix(".") ? self : self + "." }
}

extension HTML {
  /// A sentence in which code stands between backticks.
  fileprivate static func inMarkdown(_ text: String) -> HTML {
    .group(
      text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { number, part in
        number.isMultiple(of: 2) ? .text(String(part)) : HTML("code") { String(part) }
      })
  }
}

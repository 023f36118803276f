/// The distance of the recovered embeddings from those without an attack (CoPur, figures 4 and 5).
struct ReconstructionSection {
  let results: RunResults

  var section: ReportSection? {
    let groups = results.attacks.compactMap { attack -> SpreadPlot.Group? in
      let entries = results.defenses.enumerated().compactMap { index, defense in
        entry(attack, defense, style: SeriesStyle(index: index))
      }
      return entries.isEmpty ? nil : SpreadPlot.Group(title: attack.name, entries: entries)
    }
    guard !groups.isEmpty else { return nil }
    let shown = results.defenses.indices.filter { index in
      groups.contains { group in group.entries.contains { $0.name == results.defenses[index] } }
    }
    return ReportSection(
      id: "reconstruction", title: "What is recovered",
      explanation: HTML("p") {
        "Reconstruction error: the distance between the embedding that a defence predicts from, and the one that it would "
        "have without an attack. It is the measure of the paper’s figures 4 and 5, which show it sample by sample on "
        "NUS-WIDE for manifold projection, where l̂ is h itself, and CoPur."
      }
    ) {
      HTML("figure") {
        HTML("div", ["class": "panels"]) { panels(of: groups) }
        Legend(names: results.defenses, shown: Set(shown)).html
        HTML("figcaption") { "Mark: mean over the samples; bar: quartiles (means over seeds)." }
      }
      table(defenses: shown.map { results.defenses[$0] }, titles: groups.map(\.title))
    }
  }

  /// The groups in up to two drawings side by side, with the same axis.
  private func panels(of groups: [SpreadPlot.Group]) -> [HTML] {
    let values = groups.flatMap(\.entries).flatMap { [$0.mean, $0.quartiles.upper] }
    let length = (groups.count + 1) / 2
    return stride(from: 0, to: groups.count, by: length).enumerated().map { number, start in
      SpreadPlot(
        id: "reconstruction-\(number)", title: "Reconstruction error of each defence under each attack",
        xTitle: "‖D(E(l̂)) − D(E(l*))‖₂, in the embedding’s unit", most: max(values.max() ?? 1, .leastNormalMagnitude),
        groups: Array(groups[start..<min(start + length, groups.count)])
      ).html
    }
  }

  private func entry(_ attack: RunResults.Attack, _ defense: String, style: SeriesStyle) -> SpreadPlot.Entry? {
    let errors = results.rows(attack, defense).compactMap(\.reconstruction)
    guard let quartiles = Quartiles(meanOf: errors.map(\.quartiles)) else { return nil }
    return SpreadPlot.Entry(name: defense, style: style, mean: Summary(errors.map(\.mean)).mean, quartiles: quartiles)
  }

  private func table(defenses: [String], titles: [String]) -> HTML {
    HTML("details", ["class": "numbers"]) {
      HTML("summary") { "The figure’s numbers" }
      DataTable(
        caption: "Mean reconstruction error, in the embedding’s unit", corner: "attack",
        columns: defenses.map { .init($0) },
        rows: results.attacks.filter { titles.contains($0.name) }.map { attack in
          DataTable.Row(
            attack.name,
            cells: defenses.map {
              .text(Number.significant(results.summary(attack, $0, of: { $0.reconstruction?.mean })))
            })
        }
      ).html
    }
  }
}

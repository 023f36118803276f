/// The paper's tables with ours beside them.
struct PaperSection {
  let record: RunRecord
  let results: RunResults

  var section: ReportSection? {
    guard let study = PaperStudy(dataset: record.dataset) else { return nil }
    guard study.covers(record) else {
      return ReportSection(id: "paper", title: "Beside the paper") {
        HTML("p") {
          "The paper’s tables on this data set are of "
          Number.list(study.part.sorted { $0.key > $1.key }.map { "\($0.key) \($0.value)" })
          ". These results are of other rows, so they are not compared."
        }
      }
    }
    let tables = study.tables.compactMap { table($0, of: study) }
    guard !tables.isEmpty else { return nil }
    return ReportSection(
      id: "paper", title: "Beside the paper",
      explanation: HTML("p") {
        "Robust accuracy in percent. In each cell ours stands above the paper’s, then comes the difference of the means: "
        HTML("span", ["class": "better"]) { "▲\u{A0}better" }
        ", "
        HTML("span", ["class": "worse"]) { "▼\u{A0}worse" }
        ". “Worse” under an attack can also mean that the attack is stronger than the paper’s. The majority class has "
        "\(Number.percent(majority))\u{A0}%. The paper: \(PaperResults.citation)."
      }
    ) {
      for table in tables { table }
    }
  }

  private var majority: Summary? {
    results.rows.first.map { Summary([$0.majorityRate]) }
  }

  /// One of the paper's tables, with a column for each defence that it has something to say on.
  private func table(_ table: PaperStudy.Table, of study: PaperStudy) -> HTML? {
    let rows = table.rows.flatMap { row in
      results.attacks.filter { study.matches(row, $0) }.map { (row: row, attack: $0) }
    }
    let columns = results.defenses.map { record.defense($0) }.filter { defense in
      rows.contains { study.result($0.row, for: defense) != nil }
    }
    guard !columns.isEmpty else { return nil }
    return HTML {
      HTML("h3") { table.title }
      DataTable(
        caption: table.setting, corner: "attack",
        columns: columns.map { DataTable.Column($0.name, note: PaperStudy.Column(kind: $0.kind)?.title) },
        rows: rows.map { row, attack in
          DataTable.Row(
            row.title, note: attack.name,
            cells: columns.map { cell(attack, $0.name, paper: study.result(row, for: $0)) })
        }
      ).html
    }
  }

  private func cell(
    _ attack: RunResults.Attack, _ defense: String, paper: (mean: Double, deviation: Double)?
  ) -> HTML {
    let ours = results.summary(attack, defense, of: \.accuracy)
    return HTML {
      HTML("span") { Number.percent(ours) }
      if let paper {
        HTML("span", ["class": "under"]) {
          "paper \(Number.fixed(paper.mean, decimals: 1)) ± \(Number.fixed(paper.deviation, decimals: 1))"
        }
        if let ours { Self.difference(100 * ours.mean - paper.mean) }
      }
    }
  }

  /// A difference with sign and symbol, which say what the colour says.
  private static func difference(_ points: Double) -> HTML {
    let rounded = Number.fixed(points, decimals: 1)
    switch rounded {
    case "0.0": return HTML("span", ["class": "under"]) { "=\u{A0}0.0" }
    case _ where points > 0: return HTML("span", ["class": "under better"]) { "▲\u{A0}+\(rounded)" }
    default: return HTML("span", ["class": "under worse"]) { "▼\u{A0}\(rounded)" }
    }
  }
}

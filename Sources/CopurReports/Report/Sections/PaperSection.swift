/// The paper's tables with ours beside them.
struct PaperSection {
  let record: RunRecord
  let results: RunResults

  var section: ReportSection? {
    switch PaperResults.subject(of: record) {
    case .unrelated: return nil
    case .otherUser:
      return ReportSection(id: "paper", title: "Beside the paper") {
        HTML("p") {
          "The paper’s tables are of user \(PaperResults.user), label \(PaperResults.label). These results are of other "
          "rows, so they are not compared."
        }
      }
    case .same:
      let tables = PaperResults.tables.compactMap { table(of: $0) }
      guard !tables.isEmpty else { return nil }
      return ReportSection(id: "paper", title: "Beside the paper") {
        HTML("p") {
          "Robust accuracy in percent. In each cell ours stands above the paper’s, then comes the difference of the means: "
          HTML("span", ["class": "better"]) { "▲\u{A0}better" }
          ", "
          HTML("span", ["class": "worse"]) { "▼\u{A0}worse" }
          ". “Worse” under an attack can also mean that the attack is stronger than the paper’s. The majority class has "
          "\(Number.percent(majority))\u{A0}%. The paper: \(PaperResults.citation)."
        }
        for table in tables { table }
      }
    }
  }

  private var majority: Summary? {
    results.rows.first.map { Summary([$0.majorityRate]) }
  }

  /// The defences that the paper has a column for.
  private var columns: [(defense: String, column: PaperResults.Column)] {
    results.defenses.compactMap { defense in PaperResults.Column(defense: defense).map { (defense, $0) } }
  }

  private func table(of table: PaperResults.Table) -> HTML? {
    let rows = table.rows.flatMap { row in
      results.attacks.filter { row.matches($0) }.map { attack in
        DataTable.Row(
          row.title, note: attack.name,
          cells: columns.map { cell(attack, $0.defense, paper: row.results[$0.column.rawValue]) })
      }
    }
    guard !rows.isEmpty, !columns.isEmpty else { return nil }
    return HTML {
      HTML("h3") { table.title }
      DataTable(
        caption: table.setting, corner: "attack",
        columns: columns.map { DataTable.Column($0.defense, note: $0.column.title) }, rows: rows
      ).html
    }
  }

  private func cell(
    _ attack: RunResults.Attack, _ defense: String, paper: (mean: Double, deviation: Double)
  ) -> HTML {
    let ours = results.summary(attack, defense, of: \.accuracy)
    return HTML {
      HTML("span") { Number.percent(ours) }
      HTML("span", ["class": "under"]) {
        "paper \(Number.fixed(paper.mean, decimals: 1)) ± \(Number.fixed(paper.deviation, decimals: 1))"
      }
      if let ours { Self.difference(100 * ours.mean - paper.mean) }
    }
  }

  /// A difference with sign and symbol, which say what the colour says.
  static func difference(_ points: Double) -> HTML {
    let rounded = Number.fixed(points, decimals: 1)
    switch rounded {
    case "0.0": return HTML("span", ["class": "under"]) { "=\u{A0}0.0" }
    case _ where points > 0: return HTML("span", ["class": "under better"]) { "▲\u{A0}+\(rounded)" }
    default: return HTML("span", ["class": "under worse"]) { "▼\u{A0}\(rounded)" }
    }
  }
}

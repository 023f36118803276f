/// How often each attack got what it wanted.
struct SuccessSection {
  let results: RunResults

  var section: ReportSection? {
    let attacks = results.attacks.filter { attack in
      results.defenses.contains { results.summary(attack, $0, of: \.attackSuccessRate) != nil }
    }
    guard !attacks.isEmpty else { return nil }
    return ReportSection(id: "success", title: "What attackers got") {
      HTML("p") {
        "Attack success rate in percent. A targeted attack succeeds on a sample of another class that ends in its target; "
        "any other attack, on a sample that the defence predicts right when nobody is attacked and now does not."
      }
      DataTable(
        caption: "Attack success rate in percent", corner: "attack", columns: results.defenses.map { .init($0) },
        rows: attacks.map { attack in
          DataTable.Row(
            attack.name, note: attack.summary,
            cells: results.defenses.map {
              .text(Number.percent(results.summary(attack, $0, of: \.attackSuccessRate)))
            })
        }
      ).html
    }
  }
}

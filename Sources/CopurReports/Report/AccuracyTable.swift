/// The main table: accuracy of each defence under each attack, the worst and what is certified first.
struct AccuracyTable {
  let record: RunRecord
  let results: RunResults
  let certificates: CertificateResults

  @HTMLBuilder var content: [HTML] {
    HTML("div", ["class": "main"]) { table.html }
    HTML("p", ["class": "note"]) { legend }
  }

  /// The defences that a fusion center can have: an oracle is told who lies.
  private var deployable: [String] { results.defenses.filter { !record.defense($0).isOracle } }

  private var table: DataTable {
    DataTable(
      caption: "Accuracy of each defence under each attack, in percent; below it, smaller, balanced accuracy",
      corner: "attack",
      columns: results.defenses.map { defense in
        DataTable.Column(defense, note: record.defense(defense).isOracle ? "told who lies" : nil)
      },
      rows: worstRow + certifiedRows
        + results.attacks.map { attack in
          DataTable.Row(
            attack.name, note: results.words(attack),
            cells: results.defenses.map { cell(attack, $0, best: best(under: { _ in attack })) })
        })
  }

  /// The row that the table leads with, if there is more than one attack: the worst of each defence's.
  private var worstRow: [DataTable.Row] {
    let attacks = results.attacks.filter { !$0.isClean }
    guard attacks.count > 1 else { return [] }
    func worst(_ defense: String) -> RunResults.Attack? {
      results.worst(of: defense, among: attacks, by: \.accuracy)?.attack
    }
    let best = best(under: worst)
    return [
      DataTable.Row(
        "the worst for each", note: "of \(attacks.count) attacks, by accuracy; 95 % interval of the accuracy",
        cells: results.defenses.map { defense in
          guard let attack = worst(defense) else { return .text(Number.none) }
          return HTML {
            cell(attack, defense, best: best)
            HTML("span", ["class": "under"]) { results.interval(attack, defense)?.words ?? Number.none }
            HTML("span", ["class": "under words"]) { attack.name }
          }
        })
    ]
  }

  /// Below it what is certified of those that have certificates, against any so many agents.
  private var certifiedRows: [DataTable.Row] {
    certificates.counts.map { count in
      DataTable.Row(
        "certified, \(CertificateRow.Compromised.any(count).words)",
        note: "whatever is sent or withheld: proven, not tried",
        cells: results.defenses.map { defense in
          guard let certified = certificates.summary(defense, .any(count), of: \.certified) else {
            return .text(Number.none)
          }
          return HTML {
            if certified.mean <= certificates.majorityRate ?? 0 { HTML("span", ["class": "low"]) { "▽\u{A0}" } }
            certified.percent
            HTML("span", ["class": "under"]) {
              Number.percent(certificates.summary(defense, .any(count), of: \.certifiedBalanced))
            }
          }
        })
    }
  }

  /// The best accuracy of the deployable defences, as the table prints it, each under its own attack.
  private func best(under attack: (String) -> RunResults.Attack?) -> String? {
    deployable.compactMap { defense in
      attack(defense).flatMap { results.summary($0, defense, of: \.accuracy)?.mean }
    }.max().map { Number.percent($0) }
  }

  private func cell(_ attack: RunResults.Attack, _ defense: String, best: String?) -> HTML {
    guard let accuracy = results.summary(attack, defense, of: \.accuracy) else { return .text(Number.none) }
    let majority = results.summary(attack, defense, of: \.majorityRate)?.mean ?? 0
    let isBest = Number.percent(accuracy.mean) == best && !record.defense(defense).isOracle
    return HTML {
      if accuracy.mean <= majority { HTML("span", ["class": "low"]) { "▽\u{A0}" } }
      HTML("span", ["class": isBest ? "best" : nil]) { accuracy.percent }
      HTML("span", ["class": "under"]) {
        Number.percent(results.summary(attack, defense, of: \.balancedAccuracy))
      }
    }
  }

  private var legend: String {
    let seeds = Set(results.rows.map(\.seed)).count
    let spread = seeds > 1 ? "Mean ± standard deviation over \(seeds) seeds. " : ""
    let rates = results.rows.map { $0.majorityRate }
    let majority = rates.min().map { low in
      let high = rates.max() ?? low
      return low == high ? Number.percent(low) : "\(Number.percent(low)) to \(Number.percent(high))"
    }
    let isWithOracles = deployable.count < results.defenses.count
    let certified =
      certificates.rows.isEmpty
      ? ""
      : "Certified: ± one standard deviation, of \(seeds > 1 ? "seeds and of " : "")runs of 30 consecutive samples. "
    return spread + certified
      + "Intervals: of seeds and of runs of 30 consecutive samples together, where a training like these on samples like these would lie. "
      + "Bold: the best of a row\(isWithOracles ? ", those aside that are told who lies" : ""). ▽: no better than always guessing the most frequent class, which reaches "
      + "\(majority ?? Number.none)\u{A0}%; its balanced accuracy is one over the number of classes."
  }
}

/// The first screen: what was run, what came of it in a sentence, and the main table.
struct OverviewSection {
  let record: RunRecord
  let results: RunResults
  let certificates: CertificateResults

  var html: HTML {
    HTML("header") {
      HTML("h1") { record.title }
      HTML("p", ["class": "meta"]) { facts }
      HTML("p", ["class": "lead"]) { sentence }
      if record.finished == nil {
        HTML("p", ["class": "warning"]) {
          HTML("strong") { "Interrupted." }
          " The run did not come to its end; this is what it had measured until then: "
          results.rows.count == 1 ? "1 trial." : "\(results.rows.count) trials."
        }
      }
      if !results.rows.isEmpty {
        table.html
        HTML("p", ["class": "note"]) { legend }
      }
    }
  }

  private var facts: String {
    let seeds = record.seeds.map { "\($0)" }
    return [
      record.dataset, "\(record.testRows) test samples",
      record.mode == .network ? "one process an agent, over the network" : "in one process",
      seeds.count == 1 ? "seed \(seeds[0])" : "seeds \(seeds.joined(separator: ", "))",
    ].joined(separator: " · ")
  }

  /// The defences that a fusion center can have: an oracle is told who lies.
  private var deployable: [String] { results.defenses.filter { !record.defense($0).isOracle } }

  /// The outcome in a sentence: the defence whose worst case is best, and what happens without one.
  private var sentence: HTML {
    // Attacks that every defence was measured under, so that an interrupted run compares like with like.
    let attacks = results.attacks.filter { attack in
      !attack.isClean && deployable.allSatisfy { !results.rows(attack, $0).isEmpty }
    }
    let worst = deployable.compactMap { defense in
      results.worst(of: defense, among: attacks).map { (defense: defense, attack: $0.attack, balanced: $0.value) }
    }
    guard let best = worst.max(by: { $0.balanced.mean < $1.balanced.mean }) else {
      return .text(
        results.rows.isEmpty
          ? "Nothing was measured."
          : results.attacks.allSatisfy(\.isClean)
            ? "Nobody is attacked in this scenario." : "No attack was played against every defence.")
    }
    let accuracy = results.summary(best.attack, best.defense, of: \.accuracy)
    let majority = results.summary(best.attack, best.defense, of: \.majorityRate)
    let isHolding = (accuracy?.mean ?? 0) > (majority?.mean ?? 0)
    let unsecured = worst.first { $0.defense == "unsecured" && $0.defense != best.defense }
    return HTML {
      HTML("strong") { best.defense }
      if worst.count > 1 { isHolding ? " holds up best" : " does best, but does not hold up" }
      ": under the worst "
      attacks.count == 1 ? "(and only) attack" : "of \(attacks.count) attacks"
      ", “\(best.attack.name)”, it keeps "
      HTML("strong") { "\(Number.percent(best.balanced.mean))\u{A0}%" }
      " balanced accuracy (\(accuracy.map { Number.percent($0.mean) } ?? Number.none)\u{A0}% accuracy)"
      if let unsecured {
        "; without a defence it falls to \(Number.percent(unsecured.balanced.mean))\u{A0}% under "
        "“\(unsecured.attack.name)”"
      }
      "."
    }
  }

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
            attack.name, note: attack.summary,
            cells: results.defenses.map { cell(attack, $0, best: best(under: { _ in attack })) })
        })
  }

  /// The row that the table leads with, if there is more than one attack: the worst of each defence's.
  private var worstRow: [DataTable.Row] {
    let attacks = results.attacks.filter { !$0.isClean }
    guard attacks.count > 1 else { return [] }
    func worst(_ defense: String) -> RunResults.Attack? {
      attacks.compactMap { attack in
        results.summary(attack, defense, of: \.accuracy).map { (attack: attack, mean: $0.mean) }
      }.min { $0.mean < $1.mean }?.attack
    }
    let best = best(under: worst)
    return [
      DataTable.Row(
        "the worst for each", note: "of \(attacks.count) attacks, by accuracy",
        cells: results.defenses.map { defense in
          guard let attack = worst(defense) else { return .text(Number.none) }
          return HTML {
            cell(attack, defense, best: best)
            HTML("span", ["class": "under"]) { attack.name }
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
    return spread
      + "Bold: the best of a row\(isWithOracles ? ", those aside that are told who lies" : ""). ▽: no better than always guessing the most frequent class, which reaches "
      + "\(majority ?? Number.none) %; its balanced accuracy is one over the number of classes."
  }
}

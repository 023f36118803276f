/// The first screen: what was run, what came of it in a sentence and in numbers, and the main table.
struct OverviewSection {
  let record: RunRecord
  let results: RunResults
  let certificates: CertificateResults

  var html: HTML {
    let lead = LeadSentence(record: record, results: results, certificates: certificates)
    return HTML("header") {
      HTML("h1") { record.title }
      HTML("p", ["class": "meta"]) { facts }
      HTML("div", ["class": "outcome"]) {
        HTML("p", ["class": "lead"]) { lead.html }
        lead.best.map(figures)
      }
      if record.finished == nil {
        HTML("p", ["class": "warning"]) {
          HTML("strong") { "Interrupted." }
          " The run did not come to its end; this is what it had measured until then: "
          results.rows.count == 1 ? "1 trial." : "\(results.rows.count) trials."
        }
      }
      if !results.rows.isEmpty { AccuracyTable(record: record, results: results, certificates: certificates).content }
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

  /// The best defence in four numbers.
  private func figures(_ best: LeadSentence.Outcome) -> HTML {
    let certified = certificates.leading(of: best.defense)
    let clean = results.attacks.first(where: \.isClean).flatMap { results.interval($0, best.defense) }
    return HTML("dl", ["class": "figures"]) {
      figure("\(best.defense), worst attack", best.interval)
      if let certified, let interval = certificates.interval(best.defense, certified) {
        figure("certified, \(certified.words)", interval)
      }
      if let clean { figure("nobody attacks", clean) }
      HTML("div") {
        HTML("dt") { "a constant guess" }
        HTML("dd") { "\(results.rows.first.map { Number.percent($0.majorityRate) } ?? Number.none)\u{A0}%" }
      }
    }
  }

  private func figure(_ name: String, _ interval: RateInterval) -> HTML {
    HTML("div") {
      HTML("dt") { name }
      HTML("dd") {
        "\(Number.percent(interval.rate))\u{A0}%"
        HTML("span", ["class": "under"]) { interval.words }
      }
    }
  }
}

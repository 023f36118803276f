internal import CopurCore

/// The findings in the training rows of each bundle that was trained on rows that had been looked through.
struct AuditSection {
  let record: RunRecord

  var section: ReportSection? {
    let audited = record.bundles.filter { $0.audit != nil }
    guard !audited.isEmpty else { return nil }
    return ReportSection(
      id: "audit", title: "What the training rows hold",
      explanation: HTML("p") {
        "Before training, each row was judged by the agents that have no part in it. In a simulation that spoils rows, how "
        "many of the labels that are not believed were wrong, and how many of the wrong ones were found."
      }
    ) {
      HTML("dl") {
        for bundle in audited {
          HTML("dt") { "\((bundle.defenses ?? []).joined(separator: ", ")), seed \(bundle.seed)" }
          for words in bundle.audit?.words(classes: bundle.classes ?? []) ?? [] { HTML("dd") { words } }
        }
      }
    }
  }
}

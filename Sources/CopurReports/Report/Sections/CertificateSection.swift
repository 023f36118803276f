/// Certified accuracy of each defence that has certificates, over how many agents may lie.
struct CertificateSection {
  let results: RunResults
  let certificates: CertificateResults

  var section: ReportSection? {
    guard !certificates.rows.isEmpty else { return nil }
    return ReportSection(
      id: "certificates", title: "What is certified", explanation: HTML("p") { Self.explanation }
    ) {
      HTML("figure") {
        HTML("div", ["class": "panels"]) {
          plot(
            "certified", "certified accuracy, %", clean: \.clean, certified: \.certified,
            reference: certificates.majorityRate.map { .init(name: "majority class", value: $0) })
          plot(
            "certified-balanced", "balanced certified accuracy, %", clean: \.cleanBalanced,
            certified: \.certifiedBalanced, reference: nil)
        }
        Legend(names: names, shown: shown, reference: "always guessing the most frequent class, which nothing changes")
          .html
        HTML("figcaption") {
          "At 0 nobody is attacked. Bars: one standard deviation, of seeds and of runs of 30 consecutive rows (bootstrap)."
        }
      }
      table.html
    }
  }

  private static let explanation =
    "Samples that are predicted right, and so whatever any so many agents send or withhold, in full knowledge of "
    + "everything: proven for each sample, not tried. What is proven is about inference: training rows are taken as honest. "
    + "Votes "
    + "whose agents are each trained by themselves stand, too, if the same agents were false in training, as long as nothing "
    + "was chosen on held-out rows (auto) and no audit looked at one agent's rows by the others' (robust)."

  /// The run's defences, whose styles are theirs in all figures, and those that have certificates alone.
  private var names: [String] {
    results.defenses + certificates.defenses.filter { !results.defenses.contains($0) }
  }

  private var shown: Set<Int> { Set(certificates.defenses.compactMap(names.firstIndex(of:))) }

  private func plot(
    _ name: String, _ title: String, clean: (CertificateRow) -> CertificateRow.Rate,
    certified: (CertificateRow) -> CertificateRow.Rate, reference: LinePlot.Reference?
  ) -> HTML {
    let counts = certificates.counts
    return LinePlot(
      id: name, title: title, xTitle: "how many agents may lie or be silent, whichever they are",
      xLabels: (["0"] + counts.map(String.init)),
      series: certificates.defenses.map { defense in
        let points =
          [(x: 0, value: certificates.summary(defense, nil, of: clean))]
          + counts.enumerated().map { (x: $0 + 1, value: certificates.summary(defense, .any($1), of: certified)) }
        return LinePlot.Series(
          name: defense, style: SeriesStyle(index: names.firstIndex(of: defense) ?? 0),
          points: points.compactMap { point in point.value.map { (x: point.x, value: $0) } })
      }, reference: reference
    ).html
  }

  private var table: DataTable {
    DataTable(
      caption: "Certified accuracy in percent; below it, smaller, balanced", corner: "defence",
      columns: [DataTable.Column("nobody is attacked")] + certificates.compromised.map { DataTable.Column($0.words) },
      rows: certificates.defenses.map { defense in
        DataTable.Row(
          defense,
          cells: [cell(defense, nil, \.clean, \.cleanBalanced)]
            + certificates.compromised.map { cell(defense, $0, \.certified, \.certifiedBalanced) })
      })
  }

  private func cell(
    _ defense: String, _ compromised: CertificateRow.Compromised?,
    _ rate: (CertificateRow) -> CertificateRow.Rate, _ balanced: (CertificateRow) -> CertificateRow.Rate
  ) -> HTML {
    guard let summary = certificates.summary(defense, compromised, of: rate) else { return .text(Number.none) }
    return HTML {
      if compromised != nil, summary.mean <= certificates.majorityRate ?? 0 {
        HTML("span", ["class": "low"]) { "▽\u{A0}" }
      }
      summary.percent
      HTML("span", ["class": "under"]) { Number.percent(certificates.summary(defense, compromised, of: balanced)) }
    }
  }
}

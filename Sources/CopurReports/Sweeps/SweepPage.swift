internal import Foundation

/// The page of a sweep: a curve for each axis, and tables of all points.
struct SweepPage {
  let sweep: SweepReport
  private var record: SweepRecord { sweep.record }

  var html: HTML {
    let summary = SweepSummary(sweep)
    return HTML("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"]) {
      ReportPage.head(title: record.scenario, version: record.copurVersion)
      HTML("body") {
        HTML("header") {
          HTML("h1") { record.scenario }
          HTML("p", ["class": "meta"]) { facts }
          if let lead = lead(summary) { HTML("p", ["class": "lead"]) { lead } }
          unfinished
        }
        HTML("main") {
          for axis in record.axes.indices { curves(of: axis, summary) }
          for measure in SweepSummary.Measure.allCases { table(measure, summary) }
          runs
          settings
        }
      }
    }
  }

  private var facts: String {
    [
      sweep.runs.first?.report.record.dataset,
      "a sweep of \(record.points.count) points over \(Number.list(record.axes.map(\.key)))",
      record.mode == .network ? "one process an agent, over the network" : "in one process",
      record.seeds.count == 1
        ? "seed \(record.seeds[0])" : "seeds \(record.seeds.map { "\($0)" }.joined(separator: ", "))",
      record.shard.map { "shard \($0)" },
    ].compactMap { $0 }.joined(separator: " · ")
  }

  /// The defence and the point whose worst case is best.
  private func lead(_ summary: SweepSummary) -> HTML? {
    let worst = summary.points.flatMap { point in
      summary.defenses.compactMap { defense in
        summary.value(.worst, of: defense, at: point).map { (point: point, defense: defense, worst: $0) }
      }
    }
    // Of equal ones the first.
    guard let best = worst.max(by: { $0.worst.value.mean < $1.worst.value.mean }) else { return nil }
    return HTML {
      HTML("strong") { best.defense }
      " at "
      HTML("code") { best.point.point.name }
      " has the best worst case: under “\(best.worst.attack.name)” it keeps "
      HTML("strong") { "\(best.worst.value.percent)\u{A0}%" }
      ". The best of \(summary.points.count) points, chosen on these test rows, does better here than it will elsewhere."
    }
  }

  private var unfinished: HTML {
    let failed = record.points.filter { $0.failure != nil }
    let open = record.points.count { !$0.isFinished && $0.failure == nil && !$0.seeds.isEmpty }
    return HTML {
      if open > 0 {
        HTML("p", ["class": "warning"]) {
          HTML("strong") { "Not finished: " }
          "\(open) of \(record.points.count) points are still to be run."
        }
      }
      if !failed.isEmpty {
        HTML("p", ["class": "warning"]) {
          HTML("strong") { "Failed: " }
          failed.map { "\($0.name) (\($0.failure ?? ""))" }.joined(separator: "; ")
        }
      }
    }
  }

  private func curves(of axis: Int, _ summary: SweepSummary) -> HTML {
    let (key, values) = (record.axes[axis].key, record.axes[axis].values)
    return HTML("section", ["id": "axis-\(axis + 1)"]) {
      HTML("h2") { "By \(key)" }
      HTML("figure") {
        HTML("div", ["class": "panels"]) {
          for (number, measure) in SweepSummary.Measure.allCases.enumerated() {
            LinePlot(
              id: "axis-\(axis + 1)-\(number + 1)", title: measure.title, xTitle: key, xLabels: values,
              series: summary.defenses.enumerated().map { index, defense in
                LinePlot.Series(
                  name: defense, style: SeriesStyle(index: index),
                  points: values.enumerated().compactMap { place, value in
                    summary.value(measure, of: defense, axis: axis, value: value).map { (x: place, value: $0) }
                  })
              }
            ).html
          }
        }
        Legend(names: summary.defenses, reference: nil).html
        HTML("figcaption") {
          record.axes.count > 1
            ? "Percent of the test samples; mean over the values of the other keys, bars: one standard deviation over them."
            : "Percent of the test samples"
              + (record.seeds.count > 1 ? "; bars: one standard deviation over seeds." : ".")
        }
      }
    }
  }

  private func table(_ measure: SweepSummary.Measure, _ summary: SweepSummary) -> HTML {
    HTML("section") {
      HTML("h2") { measure.title }
      DataTable(
        caption: "\(measure.title), in percent", corner: "point",
        columns: record.axes.map { DataTable.Column($0.label) } + summary.defenses.map { DataTable.Column($0) },
        rows: summary.points.map { point in
          DataTable.Row(
            point.point.name,
            cells: point.point.values.map { .text($0) }
              + summary.defenses.map { defense in
                guard let value = summary.value(measure, of: defense, at: point) else { return .text(Number.none) }
                return HTML {
                  value.value.percent
                  if measure == .worst { HTML("span", ["class": "under"]) { value.attack.name } }
                }
              })
        }
      ).html
    }
  }

  private var runs: HTML {
    HTML("section") {
      HTML("h2") { "The points’ own reports" }
      HTML("ul") {
        for run in sweep.runs {
          let path = "\(SweepFolder.pointsName)/\(run.point.name)/\(RunReport.fileName)"
          HTML("li") { HTML("a", ["href": path]) { run.point.name } }
        }
      }
    }
  }

  private var settings: HTML {
    HTML("section") {
      HTML("h2") { "Settings" }
      HTML("dl") {
        for (term, words) in [
          ("Command", record.command ?? "not recorded"),
          ("Settings", record.settings.isEmpty ? "as in the file" : record.settings.joined(separator: ", ")),
          ("Begun", record.started.formatted(.iso8601)),
          ("Ended", record.finished.map { $0.formatted(.iso8601) } ?? "not yet"),
          ("copur", record.copurVersion), ("Commit", record.commit ?? "not recorded"),
          ("Scenario’s digest", String(record.documentDigest.prefix(16))),
        ] {
          HTML("dt") { term }
          HTML("dd") { words }
        }
      }
      HTML("h3") { "The scenario" }
      HTML("pre", ["tabindex": "0"]) { HTML("code") { record.scenarioText } }
    }
  }
}

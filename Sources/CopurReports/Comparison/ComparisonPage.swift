internal import CopurCore
internal import Foundation

/// The comparison of two runs as a page that loads nothing.
public struct ComparisonPage {
  private let comparison: RunComparison

  public init(_ comparison: RunComparison) { self.comparison = comparison }

  /// The page, which is well-formed XML as well as HTML.
  public var html: String { "<!DOCTYPE html>\n" + page.markup }

  /// Writes the page.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func write(to path: String) throws {
    do { try Data(html.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
      throw CopurError(.cannotCreate, "\(path): the page cannot be written", cause: error)
    }
  }

  private var page: HTML {
    let title = "\(comparison.first.scenario) and \(comparison.second.scenario)"
    return HTML("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"]) {
      ReportPage.head(title: title, version: comparison.second.copurVersion)
      HTML("body") {
        HTML("header") {
          HTML("h1") { "Two runs on the same rows" }
          HTML("p", ["class": "meta"]) { "\(comparison.dataset) · \(comparison.testRows) test rows" }
          for (name, side) in [("A", comparison.first), ("B", comparison.second)] {
            HTML("p") {
              HTML("strong") { "\(name): " }
              HTML("code") { side.folder }
              " (\(side.scenario), copur \(side.copurVersion), \(side.commit ?? "commit not known"), "
              "seeds \(side.seeds.map { "\($0)" }.joined(separator: ", ")))"
            }
          }
        }
        HTML("main") {
          if !comparison.measurements.isEmpty { measurements }
          if !comparison.certificates.isEmpty { certificates }
          HTML("section") { for note in ComparisonTable.notes(comparison) { HTML("p") { note } } }
          only("A", comparison.onlyInFirst)
          only("B", comparison.onlyInSecond)
        }
      }
    }
  }

  private var measurements: HTML {
    HTML("section") {
      HTML("h2") { "Attacks" }
      DataTable(
        caption: "Accuracy, in percent", corner: "attack",
        columns: ["defence", "A", "B", "difference", "balanced difference", "only A right", "only B right", "p"].map {
          DataTable.Column($0)
        },
        rows: comparison.measurements.map { row in
          DataTable.Row(
            row.attack,
            cells: [
              .text(row.defense), .text(Summary(mean: row.first, deviation: nil).percent),
              .text(Summary(mean: row.second, deviation: nil).percent),
              cell(row.accuracy), cell(row.balancedAccuracy),
              .text(row.onlyFirstRight.map { "\($0)" } ?? Number.none),
              .text(row.onlySecondRight.map { "\($0)" } ?? Number.none), .text(ComparisonTable.p(row.p)),
            ])
        }
      ).html
    }
  }

  private var certificates: HTML {
    HTML("section") {
      HTML("h2") { "Certificates" }
      DataTable(
        caption: "Certified accuracy, in percent", corner: "against",
        columns: ["defence", "A", "B", "difference", "balanced difference"].map { DataTable.Column($0) },
        rows: comparison.certificates.map { row in
          DataTable.Row(
            row.compromised,
            cells: [
              .text(row.defense), .text(Summary(mean: row.first, deviation: nil).percent),
              .text(Summary(mean: row.second, deviation: nil).percent),
              cell(row.certified), cell(row.certifiedBalanced),
            ])
        }
      ).html
    }
  }

  private func only(_ name: String, _ rows: [String]) -> HTML {
    HTML {
      if !rows.isEmpty {
        HTML("section") {
          HTML("h2") { "Only in \(name)" }
          HTML("ul") { for row in rows { HTML("li") { row } } }
        }
      }
    }
  }

  private func cell(_ difference: PairedDifference) -> HTML {
    difference.isClear ? HTML("strong") { difference.words } : .text(difference.words)
  }
}

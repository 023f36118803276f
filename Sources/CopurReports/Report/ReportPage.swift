/// The page of a report, section by section.
struct ReportPage {
  let record: RunRecord
  let results: RunResults
  let certificates: CertificateResults

  /// The file `Resources/report.css`, which is embedded in the program, on lines of its own.
  private static let styleSheet = "\n" + String(decoding: PackageResources.report_css, as: UTF8.self)

  /// The head of a page with the report's looks.
  ///
  /// - Parameter version: The program's; nil to leave it out.
  static func head(title: String, version: String? = nil) -> HTML {
    HTML("head") {
      HTML("meta", ["charset": "utf-8"])
      HTML("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      HTML("meta", ["name": "color-scheme", "content": "light dark"])
      if let version { HTML("meta", ["name": "generator", "content": "copur \(version)"]) }
      HTML("title") { "\(title) – copur" }
      HTML("style") { HTML.styleSheet(styleSheet) }
    }
  }

  var html: HTML {
    let sections = sections
    return HTML("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"]) {
      Self.head(title: record.title, version: record.copurVersion)
      HTML("body", ["class": DataTable.isDense(columns: results.defenses.count) ? "landscape" : nil]) {
        OverviewSection(record: record, results: results, certificates: certificates).html
        HTML("nav", ["aria-label": "Contents"]) {
          HTML("ul") {
            for section in sections {
              HTML("li") { HTML("a", ["href": "#\(section.id)"]) { section.title } }
            }
          }
        }
        HTML("main") {
          for section in sections {
            HTML("section", ["id": section.id, "aria-labelledby": "\(section.id)-heading"]) {
              HTML("div", ["class": "explanation"]) {
                HTML("h2", ["id": "\(section.id)-heading"]) { section.title }
                section.explanation
              }
              HTML("div", ["class": "content"]) { section.content }
            }
          }
        }
      }
    }
  }

  /// The sections that there is something to show in.
  private var sections: [ReportSection] {
    [
      KindSection(record: record, results: results).section,
      CertificateSection(results: results, certificates: certificates).section,
      ChoiceSection(record: record).section,
      PaperSection(record: record, results: results).section,
      CurveSection(record: record, results: results).section,
      SuccessSection(results: results).section,
      ResidualSection(results: results).section,
      SuspectSection(results: results).section,
      ReconstructionSection(results: results).section,
      ManifoldSection(record: record).section,
      TrainingSection(record: record).section,
      AuditSection(record: record).section,
      SettingsSection(record: record, results: results).section,
    ].compactMap { $0 }
  }
}

/// A section of a report.
struct ReportSection {
  /// Its name in links.
  let id: String
  let title: String
  /// The words on how to read it, which stand beside it where there is room.
  let explanation: HTML?
  let content: [HTML]

  init(id: String, title: String, explanation: HTML? = nil, @HTMLBuilder content: () -> [HTML]) {
    self.id = id
    self.title = title
    self.explanation = explanation
    self.content = content()
  }
}

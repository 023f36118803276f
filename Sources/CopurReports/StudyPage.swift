/// A page of its own with tables and curves of a study: what certificates of pixels and attacks on purifiers are shown by.
package struct StudyPage {
  /// A table: a header, and a row a thing.
  package struct Table {
    /// A row: its header, a note under it, and its cells.
    package struct Row {
      let title: String
      let note: String?
      let cells: [String]

      /// - Parameters:
      ///   - title: The row's header.
      ///   - note: Stands under the header, smaller.
      ///   - cells: As many as the table has columns.
      package init(_ title: String, note: String? = nil, cells: [String]) {
        self.title = title
        self.note = note
        self.cells = cells
      }
    }

    let caption: String
    let corner: String
    let columns: [String]
    let rows: [Row]

    /// - Parameters:
    ///   - caption: The table's content in words.
    ///   - corner: The header of the rows' headers.
    ///   - columns: The header of each column of cells.
    ///   - rows: Each with as many cells as there are columns.
    package init(caption: String, corner: String, columns: [String], rows: [Row]) {
      self.caption = caption
      self.corner = corner
      self.columns = columns
      self.rows = rows
    }
  }

  /// A figure of shares over an axis, a line a series.
  package struct Figure {
    let title: String
    let xTitle: String
    let xLabels: [String]
    let curves: [(name: String, shares: [Double])]
    let caption: String

    /// - Parameters:
    ///   - title: The quantity, in percent.
    ///   - xTitle: The words under the axis.
    ///   - xLabels: The places along the axis.
    ///   - curves: A share, from 0 to 1, a place.
    ///   - caption: What is to be seen, in words.
    package init(
      title: String, xTitle: String, xLabels: [String], curves: [(name: String, shares: [Double])], caption: String
    ) {
      self.title = title
      self.xTitle = xTitle
      self.xLabels = xLabels
      self.curves = curves
      self.caption = caption
    }
  }

  let title: String
  let lead: [String]
  let figure: Figure?
  let tables: [Table]
  let notes: [String]

  /// - Parameters:
  ///   - title: The page's heading.
  ///   - lead: Paragraphs under it.
  ///   - figure: Nil for none.
  ///   - tables: In order.
  ///   - notes: Sentences at the end, a list item each.
  package init(title: String, lead: [String], figure: Figure? = nil, tables: [Table], notes: [String] = []) {
    self.title = title
    self.lead = lead
    self.figure = figure
    self.tables = tables
    self.notes = notes
  }

  /// The page, one file without links to others.
  package var markup: String {
    "<!DOCTYPE html>\n"
      + HTML("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"]) {
        ReportPage.head(title: title)
        HTML("body") {
          HTML("header") {
            HTML("h1") { title }
            for paragraph in lead { HTML("p") { paragraph } }
          }
          HTML("main") {
            if let figure { drawing(of: figure) }
            for table in tables {
              DataTable(
                caption: table.caption, corner: table.corner, columns: table.columns.map { DataTable.Column($0) },
                rows: table.rows.map { row in
                  DataTable.Row(row.title, note: row.note, cells: row.cells.map { HTML.text($0) })
                }
              ).html
            }
            if !notes.isEmpty {
              HTML("ul") {
                for note in notes { HTML("li") { note } }
              }
            }
          }
        }
      }.markup + "\n"
  }

  private func drawing(of figure: Figure) -> HTML {
    HTML("figure") {
      HTML("div", ["class": "panels"]) {
        LinePlot(
          id: "curves", title: figure.title, xTitle: figure.xTitle, xLabels: figure.xLabels,
          series: figure.curves.enumerated().map { index, curve in
            LinePlot.Series(
              name: curve.name, style: SeriesStyle(index: index),
              points: curve.shares.enumerated().map { (x: $0, value: Summary(mean: $1, deviation: nil)) })
          }
        ).html
      }
      Legend(names: figure.curves.map(\.name), reference: nil).html
      HTML("figcaption") { figure.caption }
    }
  }
}

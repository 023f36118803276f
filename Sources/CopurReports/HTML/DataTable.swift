/// A table of numbers: a header, rows with a header each, and a caption. It scrolls in a frame of its own where the page
/// is narrow.
struct DataTable {
  /// A column's header.
  struct Column {
    var title: String
    /// A note under the title, smaller.
    var note: String?

    init(_ title: String, note: String? = nil) {
      self.title = title
      self.note = note
    }
  }

  /// A row of cells.
  struct Row {
    var title: String
    /// A note under the title, smaller.
    var note: String?
    var cells: [HTML]

    init(_ title: String, note: String? = nil, cells: [HTML]) {
      self.title = title
      self.note = note
      self.cells = cells
    }
  }

  /// A header over several columns.
  struct Group {
    var title: String
    var span: Int
  }

  /// The table's content in words; also its name for whoever cannot see it.
  var caption: String
  /// The header of the rows' headers.
  var corner: String
  /// Headers over the columns, which they cover from the first to the last; none for a header of one line.
  var groups: [Group] = []
  var columns: [Column]
  var rows: [Row]

  /// Up to so many columns have all the room that they like.
  private static let roomyColumns = 7

  var html: HTML {
    HTML("div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": caption]) {
      HTML("table", ["class": columns.count > Self.roomyColumns ? "dense" : nil]) {
        HTML("caption") { caption }
        HTML("thead") {
          if !groups.isEmpty {
            HTML("tr", ["class": "groups"]) {
              HTML("td")
              for group in groups {
                HTML("th", ["scope": "colgroup", "colspan": "\(group.span)"]) { group.title }
              }
            }
          }
          HTML("tr") {
            HTML("th", ["scope": "col"]) { corner }
            for column in columns {
              HTML("th", ["scope": "col"]) { titled(column.title, column.note) }
            }
          }
        }
        HTML("tbody") {
          for row in rows {
            HTML("tr") {
              HTML("th", ["scope": "row"]) { titled(row.title, row.note) }
              for cell in row.cells { HTML("td") { cell } }
            }
          }
        }
      }
    }
  }

  private func titled(_ title: String, _ note: String?) -> HTML {
    HTML {
      title
      if let note { HTML("span", ["class": "under"]) { note } }
    }
  }
}

/// A table of numbers: a header, rows with a header each, and a caption. It scrolls in a frame of its own where the page
/// is narrow, and says so on a phone; one of many columns is folded.
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
  /// More columns than this are folded into tables under one another, which fit a screen and a sheet.
  private static let mostColumns = 13

  /// Whether a table of so many columns is set small, and printed across.
  static func isDense(columns: Int) -> Bool { columns > roomyColumns }

  var html: HTML {
    let parts = parts
    return HTML {
      for (number, part) in parts.enumerated() {
        part.table(name: parts.count == 1 ? caption : "\(caption) (\(number + 1) of \(parts.count))")
      }
    }
  }

  private func table(name: String) -> HTML {
    let isDense = Self.isDense(columns: columns.count)
    return HTML {
      if width(isDense: isDense) > Self.phoneWidth {
        HTML("p", ["class": "hint", "aria-hidden": "true"]) { "The table scrolls sideways \u{2192}" }
      }
      HTML("div", ["class": "scroll", "role": "group", "tabindex": "0", "aria-label": name]) {
        HTML("table", ["class": isDense ? "dense" : nil]) {
          HTML("caption") { name }
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
  }

  private func titled(_ title: String, _ note: String?) -> HTML {
    HTML {
      title
      if let note { HTML("span", ["class": "under"]) { note } }
    }
  }

  // MARK: Folding

  /// The table, or tables of a part of its columns each, about as many in one as in the next; groups stay whole.
  private var parts: [DataTable] {
    guard columns.count > Self.mostColumns else { return [self] }
    let spans = groups.isEmpty ? columns.map { _ in 1 } : groups.map(\.span)
    let count = (columns.count + Self.mostColumns - 1) / Self.mostColumns
    let target = (columns.count + count - 1) / count
    var parts: [DataTable] = []
    var (start, group, length, firstGroup) = (0, 0, 0, 0)
    func part(_ end: Int, _ groupEnd: Int) -> DataTable {
      var part = self
      part.columns = Array(columns[start..<end])
      part.groups = groups.isEmpty ? [] : Array(groups[firstGroup..<groupEnd])
      part.rows = rows.map { row in
        Row(row.title, note: parts.isEmpty ? row.note : nil, cells: Array(row.cells[start..<end]))
      }
      return part
    }
    while group < spans.count {
      if length > 0, length + spans[group] > target {
        parts.append(part(start + length, group))
        (start, length, firstGroup) = (start + length, 0, group)
      }
      length += spans[group]
      group += 1
    }
    parts.append(part(start + length, group))
    return parts
  }

  // MARK: Width

  /// The room that a phone has, in CSS pixels.
  private static let phoneWidth = 358

  /// About how wide the table is on a phone, in CSS pixels: of each column the longest line, and of headers, which break
  /// between words, the longest word.
  private func width(isDense: Bool) -> Int {
    let (letter, gap, header) = isDense ? (6, 8, 110) : (8, 18, 120)
    return columns.indices.reduce(header) { width, column in
      let title = columns[column].title.split { $0 == " " || $0 == "-" }.map(\.count).max() ?? 0
      let cells = rows.map { row in row.cells.indices.contains(column) ? row.cells[column].longestLine : 0 }
      return width + gap + letter * max(title, cells.max() ?? 0)
    }
  }
}

extension HTML {
  /// The number of characters of the longest line, a `span` of the class `under` being one of its own.
  fileprivate var longestLine: Int {
    var (longest, current) = (0, 0)
    measure(&longest, &current)
    return max(longest, current)
  }

  private func measure(_ longest: inout Int, _ current: inout Int) {
    switch self {
    case .text(let text): current += text.count
    case .styleSheet: break
    case .group(let pieces): for piece in pieces { piece.measure(&longest, &current) }
    case .element(_, let attributes, let content):
      let style = attributes.first { $0.name == "class" }?.value ?? ""
      // Words break where they like.
      if style.contains("words") { return }
      if style.contains("under") { (longest, current) = (max(longest, current), 0) }
      for piece in content { piece.measure(&longest, &current) }
      if style.contains("under") { (longest, current) = (max(longest, current), 0) }
    }
  }
}

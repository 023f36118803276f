/// Text in aligned columns, with cells that span several and colours that take no width.
struct TextGrid {
  /// The looks of a cell on a terminal.
  enum Style: String {
    case plain = ""
    case bold = "\u{1B}[1m"
    case red = "\u{1B}[31m"
  }

  /// The place of a cell's text in its column.
  enum Alignment { case left, center, right }

  /// A text and where it goes.
  struct Cell {
    var text: String
    var style: Style
    var alignment: Alignment
    var span: Int

    init(_ text: String, style: Style = .plain, alignment: Alignment = .right, span: Int = 1) {
      self.text = text
      self.style = style
      self.alignment = alignment
      self.span = span
    }
  }

  private enum Line {
    case cells([Cell])
    case rule
  }

  private static let gap = "  "
  private let columns: Int
  private var lines: [Line] = []

  init(columns: Int) { self.columns = columns }

  /// Adds a line of cells that fill all columns.
  mutating func addRow(_ cells: [Cell]) {
    precondition(cells.reduce(0) { $0 + $1.span } == columns)
    lines.append(.cells(cells))
  }

  /// Adds a horizontal line.
  mutating func addRule() { lines.append(.rule) }

  /// The number of characters of the longest line.
  var width: Int { columnWidths.reduce(0, +) + Self.gap.count * (columns - 1) }

  /// All lines, each ending in a line feed and none in a space.
  func rendered(isTerminal: Bool) -> String {
    let widths = columnWidths
    let total = widths.reduce(0, +) + Self.gap.count * (columns - 1)
    return lines.map { line in
      switch line {
      case .rule: String(repeating: "─", count: total) + "\n"
      case .cells(let cells): rendered(cells, widths: widths, isTerminal: isTerminal) + "\n"
      }
    }.joined()
  }

  private func rendered(_ cells: [Cell], widths: [Int], isTerminal: Bool) -> String {
    var column = 0
    var line = ""
    // Spaces are written once something follows them.
    var pending = ""
    for cell in cells {
      let width = Self.width(of: cell, at: column, in: widths)
      let space = width - cell.text.count
      let left =
        switch cell.alignment {
        case .left: 0
        case .center: space / 2
        case .right: space
        }
      pending += (column == 0 ? "" : Self.gap) + String(repeating: " ", count: left)
      if !cell.text.isEmpty {
        let isStyled = isTerminal && cell.style != .plain
        line += pending + (isStyled ? "\(cell.style.rawValue)\(cell.text)\u{1B}[0m" : cell.text)
        pending = ""
      }
      pending += String(repeating: " ", count: space - left)
      column += cell.span
    }
    return line
  }

  private static func width(of cell: Cell, at column: Int, in widths: [Int]) -> Int {
    widths[column..<column + cell.span].reduce(0, +) + gap.count * (cell.span - 1)
  }

  /// The widths that cells of one column ask for; then the columns under a spanning cell grow if they have to.
  private var columnWidths: [Int] {
    var widths = [Int](repeating: 0, count: columns)
    for spanning in [false, true] {
      for case .cells(let cells) in lines {
        var column = 0
        for cell in cells {
          let missing = cell.text.count - Self.width(of: cell, at: column, in: widths)
          if (cell.span > 1) == spanning, missing > 0 {
            // Shared out evenly, so that the pair under a long name stays a pair.
            for position in 0..<cell.span {
              widths[column + position] += missing / cell.span + (position < missing % cell.span ? 1 : 0)
            }
          }
          column += cell.span
        }
      }
    }
    return widths
  }
}

/// A table of text whose columns come in groups: where it is wider than there is room, groups go into tables under one
/// another, each with the rows' titles.
struct FoldingGrid {
  /// Columns under one header.
  struct Group {
    var title: String
    var columns: [String]
  }

  /// A row: its titles, the cells of each group, and those of the last columns.
  struct Row {
    var titles: [String]
    var cells: [[TextGrid.Cell]]
    var trailing: [TextGrid.Cell]
  }

  /// The headers of the rows' titles, at least one.
  var corners: [String]
  /// The alignment of titles in their columns.
  var alignment: TextGrid.Alignment
  var groups: [Group]
  /// The headers of columns at the end, which every part of a folded table has.
  var trailing: [TextGrid.Cell]
  /// Rows, and between them lines, where there is none.
  private(set) var rows: [Row?] = []

  /// A table whose rows have a title each.
  init(corner: String, groups: [Group], trailing: [TextGrid.Cell] = []) {
    self.init(corners: [corner], groups: groups, trailing: trailing)
  }

  /// A table whose rows have several titles each.
  init(
    corners: [String], alignment: TextGrid.Alignment = .left, groups: [Group], trailing: [TextGrid.Cell] = []
  ) {
    precondition(!corners.isEmpty)
    self.corners = corners
    self.alignment = alignment
    self.groups = groups
    self.trailing = trailing
  }

  mutating func addRow(_ title: String, cells: [[TextGrid.Cell]], trailing: [TextGrid.Cell] = []) {
    addRow([title], cells: cells, trailing: trailing)
  }

  mutating func addRow(_ titles: [String], cells: [[TextGrid.Cell]], trailing: [TextGrid.Cell] = []) {
    precondition(titles.count == corners.count && cells.count == groups.count && trailing.count == self.trailing.count)
    rows.append(Row(titles: titles, cells: cells, trailing: trailing))
  }

  /// Adds a horizontal line.
  mutating func addRule() { rows.append(nil) }

  /// The number of characters of the table that is not folded.
  var width: Int { grid(of: groups.indices, titleWidth: nil).width }

  /// All lines, each ending in a line feed; parts have an empty line between them.
  ///
  /// - Parameter width: How many characters a line may have; nil: as many as it takes. A group that is wider by itself stays
  ///   as wide as it is.
  func rendered(isTerminal: Bool, width: Int?) -> String {
    guard let width, self.width > width else {
      return grid(of: groups.indices, titleWidth: nil).rendered(isTerminal: isTerminal)
    }
    // Titles of rows break between words, so that figures have at least half of the room.
    let titleWidth = max(12, (width / 2 - 8) / corners.count)
    var parts: [Range<Int>] = []
    var start = 0
    for end in groups.indices where end > start && grid(of: start..<end + 1, titleWidth: titleWidth).width > width {
      parts.append(start..<end)
      start = end
    }
    parts.append(start..<groups.count)
    return parts.map { grid(of: $0, titleWidth: titleWidth).rendered(isTerminal: isTerminal) }.joined(separator: "\n")
  }

  private func grid(of part: Range<Int>, titleWidth: Int?) -> TextGrid {
    let groups = Array(groups[part])
    let columns = corners.count + groups.reduce(0) { $0 + $1.columns.count } + trailing.count
    var grid = TextGrid(columns: columns)
    if groups.contains(where: { !$0.title.isEmpty }) {
      grid.addRow(
        corners.map { _ in TextGrid.Cell("") }
          + groups.map { TextGrid.Cell($0.title, style: .bold, alignment: .center, span: $0.columns.count) }
          + trailing.map { _ in TextGrid.Cell("") })
    }
    grid.addRow(
      corners.map { TextGrid.Cell($0, alignment: alignment) } + groups.flatMap { $0.columns.map { TextGrid.Cell($0) } }
        + trailing)
    grid.addRule()
    for row in rows {
      guard let row else {
        grid.addRule()
        continue
      }
      let titles = row.titles.map { title in
        titleWidth.map { TextWrap.lines(of: title, width: $0, indent: 2) } ?? [title]
      }
      func cells(_ line: Int) -> [TextGrid.Cell] {
        titles.map { TextGrid.Cell(line < $0.count ? $0[line] : "", alignment: alignment) }
      }
      grid.addRow(cells(0) + row.cells[part].flatMap { $0 } + row.trailing)
      for line in 1..<max(1, titles.map(\.count).max() ?? 1) {
        grid.addRow(cells(line) + (corners.count..<columns).map { _ in TextGrid.Cell("") })
      }
    }
    return grid
  }
}

/// A table in Markdown, as GitHub reads it.
struct MarkdownTable {
  private let titles: [String]
  private var rows: [[String]] = []

  /// - Parameter titles: The first is that of the rows' names and stands left, figures stand right.
  init(_ titles: [String]) { self.titles = titles }

  /// Adds a row of as many cells as there are titles.
  mutating func addRow(_ cells: [String]) {
    precondition(cells.count == titles.count)
    rows.append(cells)
  }

  /// Lines that each end in a line feed.
  var markdown: String {
    let rule = ["---"] + titles.dropFirst().map { _ in "---:" }
    return ([titles, rule] + rows).map { cells in
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }.joined()
  }
}

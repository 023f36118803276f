/// Rows of cells in columns of equal width, the first to the left, the others to the right.
struct AlignedRows {
  let rows: [[String]]

  /// - Parameter rows: All as long as the first; at least one.
  init(_ rows: [[String]]) { self.rows = rows }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}

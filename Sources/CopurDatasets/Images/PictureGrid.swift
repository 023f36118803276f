internal import CopurCore

/// A division of pictures into rectangles of about one size, an agent each, row by row.
struct PictureGrid: Hashable, Sendable {
  /// The most rectangles in a column, and in a row.
  static let limit = 16

  let rows: Int
  let columns: Int

  /// Whether there are 1 to ``limit`` rectangles in each direction.
  var isValid: Bool { (1...Self.limit).contains(rows) && (1...Self.limit).contains(columns) }

  /// The agents; none if the grid is not valid.
  var agents: [AgentID] {
    guard isValid else { return [] }
    let names =
      rows == 2 && columns == 2
      ? ["top-left", "top-right", "bottom-left", "bottom-right"]
      : (0..<rows).flatMap { row in (0..<columns).map { "row\(row)-column\($0)" } }
    return names.compactMap { try? AgentID($0) }
  }

  /// The rectangles in pictures of some shape; where the extents cannot be divided evenly, the later ones may be a
  /// pixel larger. Nil if there are fewer pixels than rectangles.
  func blocks(in shape: PictureShape) -> [PictureBlock]? {
    guard isValid, rows <= shape.rows, columns <= shape.columns else { return nil }
    func part(_ index: Int, of count: Int, _ extent: Int) -> Range<Int> {
      index * extent / count..<(index + 1) * extent / count
    }
    return (0..<rows).flatMap { row in
      (0..<columns).map { column in
        PictureBlock(rows: part(row, of: rows, shape.rows), columns: part(column, of: columns, shape.columns))
      }
    }
  }
}

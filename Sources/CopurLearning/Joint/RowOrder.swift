internal import CopurNumerics

/// Rows in random order, drawn anew for each pass.
struct RowOrder: Sendable, Codable {
  var generator: SeededGenerator
  private var rows: [Int] = []
  private var position = 0

  init(generator: SeededGenerator) { self.generator = generator }

  /// The next rows, as many as a batch has or the pass has left.
  mutating func next(_ batch: Int, of count: Int) -> [Int] {
    if position == rows.count {
      rows = generator.permutation(count)
      position = 0
    }
    let end = min(position + batch, count)
    defer { position = end }
    return Array(rows[position..<end])
  }
}

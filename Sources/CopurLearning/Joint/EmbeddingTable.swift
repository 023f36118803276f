internal import CopurNumerics

/// The embeddings that each agent sent last, of each row.
struct EmbeddingTable: Sendable, Codable {
  private let widths: [Int]
  private var embeddings: [Float]
  /// The epoch in which each block of each row was sent, [n · M]; −1 for never.
  private var epochs: [Int32]
  private var layout: BlockLayout { BlockLayout(widths: widths) }

  init(layout: BlockLayout, rows: Int) {
    widths = layout.widths
    embeddings = [Float](repeating: 0, count: rows * layout.totalWidth)
    epochs = [Int32](repeating: -1, count: rows * layout.count)
  }

  mutating func store(_ blocks: Matrix, block: Int, rows: [Int], epoch: Int) {
    let layout = layout
    for (place, row) in rows.enumerated() {
      let start = row * layout.totalWidth + layout[block].lowerBound
      for column in 0..<blocks.columns { embeddings[start + column] = blocks[place, column] }
      epochs[row * layout.count + block] = Int32(clamping: epoch)
    }
  }

  mutating func forget(_ block: Int) {
    for place in stride(from: block, to: epochs.count, by: widths.count) { epochs[place] = -1 }
  }

  /// The rows' embeddings and which blocks of them count.
  func batch(_ rows: [Int], epoch: Int, staleness: Int) -> (embeddings: Matrix, received: [Bool]) {
    let layout = layout
    var matrix = Matrix(rows: rows.count, columns: layout.totalWidth)
    var received: [Bool] = []
    received.reserveCapacity(rows.count * layout.count)
    for (place, row) in rows.enumerated() {
      matrix[row: place] = embeddings[row * layout.totalWidth..<(row + 1) * layout.totalWidth]
      for block in 0..<layout.count {
        let sent = Int(epochs[row * layout.count + block])
        received.append(sent >= 0 && epoch - sent <= staleness)
      }
    }
    return (matrix, received)
  }

  private enum CodingKeys: String, CodingKey { case widths, embeddings, epochs }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    widths = try container.decode([Int].self, forKey: .widths)
    embeddings = try container.decode(PackedNumbers.self, forKey: .embeddings).values
    epochs = try container.decode([Int32].self, forKey: .epochs)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(widths, forKey: .widths)
    try container.encode(PackedNumbers(embeddings), forKey: .embeddings)
    try container.encode(epochs, forKey: .epochs)
  }
}

public import CopurNumerics

/// The blocks of training rows that are there: an agent whose sensor had no reading said nothing of a row, so that no model
/// learns anything of it there.
public struct BlockPresence: Sendable {
  /// The blocks of a row.
  public let layout: BlockLayout
  private let flags: [Bool]

  /// - Parameter flags: Whether there is each block of each row: [n, M], row-major.
  public init(layout: BlockLayout, flags: [Bool]) {
    precondition(flags.count.isMultiple(of: layout.count))
    self.layout = layout
    self.flags = flags
  }

  /// Whether there is a block of a row.
  public func has(_ block: Int, of row: Int) -> Bool { flags[row * layout.count + block] }

  /// Places in a batch at which there is a block.
  func places(of block: Int, in rows: [Int]) -> [Int] { rows.indices.filter { has(block, of: rows[$0]) } }

  /// A batch with 0 for the blocks that there are not.
  func withholding(from batch: Matrix, rows: [Int]) -> Matrix {
    var matrix = batch
    for (place, row) in rows.enumerated() {
      for block in 0..<layout.count where !has(block, of: row) {
        for column in layout[block] { matrix[place, column] = 0 }
      }
    }
    return matrix
  }
}

/// The columns of an embedding h = [h_1; …; h_M] that belong to each agent.
public struct BlockLayout: Hashable, Sendable {
  /// The width d_i of each block, in order; each at least 1.
  public let widths: [Int]
  /// The first column of each block.
  public let offsets: [Int]
  /// D = Σ d_i.
  public let totalWidth: Int

  /// - Parameter widths: The width of each block; at least 1 each.
  public init(widths: [Int]) {
    precondition(widths.allSatisfy { $0 >= 1 }, "a block has at least one column: \(widths)")
    var offsets: [Int] = []
    var next = 0
    for width in widths {
      offsets.append(next)
      next += width
    }
    self.widths = widths
    self.offsets = offsets
    self.totalWidth = next
  }

  /// M, the number of blocks.
  public var count: Int { widths.count }

  /// The columns of block `index`.
  @inlinable
  public subscript(index: Int) -> Range<Int> { offsets[index]..<offsets[index] + widths[index] }
}

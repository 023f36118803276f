public import CopurNumerics

/// Isolation forest (Liu, Ting and Zhou 2008): trees of random cuts on small samples, in which what is few and different is
/// alone after few of them.
public struct IsolationForest: Hashable, Sendable {
  /// The settings by which a forest is grown.
  public struct Settings: Hashable, Sendable {
    /// The number of trees; at least 1.
    public var trees = 100
    /// The number of rows that each tree sees; at least 2.
    public var sample = 256

    /// The paper's settings.
    public init() {}
  }

  private struct Node: Hashable, Sendable {
    /// The column that is asked for; −1 for a leaf.
    var column: Int32
    /// A row goes to the second child if its value is over this.
    var cut: Float
    /// The first of two children that stand side by side.
    var child: Int32
    /// In a leaf, its depth and what a tree of its rows would add.
    var length: Float
  }

  private var nodes: [Node] = []
  private var roots: [Int] = []
  private let scale: Double

  /// Grows a forest.
  ///
  /// - Parameters:
  ///   - rows: [n, d], n at least 1, finite.
  ///   - generator: Gives samples and cuts.
  public init(_ settings: Settings, fitting rows: Matrix, using generator: inout SeededGenerator) {
    precondition(rows.rows >= 1 && settings.trees >= 1 && settings.sample >= 2)
    let size = min(settings.sample, rows.rows)
    scale = Self.pathLength(size)
    let depth = max(1, Self.ceilLog2(size))
    for _ in 0..<settings.trees {
      var chosen = Array(generator.permutation(rows.rows).prefix(size))
      roots.append(nodes.count)
      nodes.append(Node(column: -1, cut: 0, child: 0, length: 0))
      grow(roots[roots.count - 1], of: rows, &chosen, 0..<size, depth: 0, limit: depth, using: &generator)
    }
  }

  private static func ceilLog2(_ count: Int) -> Int { Int.bitWidth - max(0, count - 1).leadingZeroBitCount }

  /// c(n), the mean length of an unsuccessful search in a binary tree of n (Eq. 1).
  private static func pathLength(_ count: Int) -> Double {
    guard count > 2 else { return count == 2 ? 1 : 0 }
    let harmonic = logarithm(Double(count - 1)) + 0.5772156649015329
    return 2 * harmonic - 2 * Double(count - 1) / Double(count)
  }

  private mutating func grow(
    _ node: Int, of rows: Matrix, _ order: inout [Int], _ range: Range<Int>, depth: Int, limit: Int,
    using generator: inout SeededGenerator
  ) {
    nodes[node].length = Float(Double(depth) + Self.pathLength(range.count))
    guard depth < limit, range.count > 1 else { return }
    // Columns without spread among these rows isolate nothing.
    var (column, low, high) = (-1, Float.zero, Float.zero)
    for candidate in generator.permutation(rows.columns) {
      (low, high) = (.greatestFiniteMagnitude, -.greatestFiniteMagnitude)
      for place in range {
        let value = rows[order[place], candidate]
        (low, high) = (min(low, value), max(high, value))
      }
      if high > low {
        column = candidate
        break
      }
    }
    guard column >= 0 else { return }
    let cut = generator.uniform(low, high)
    var middle = range.lowerBound
    for place in range where rows[order[place], column] <= cut {
      order.swapAt(place, middle)
      middle += 1
    }
    // A cut that rounding puts at the largest value leaves nothing beyond it.
    guard middle > range.lowerBound, middle < range.upperBound else { return }
    let child = nodes.count
    nodes.append(Node(column: -1, cut: 0, child: 0, length: 0))
    nodes.append(Node(column: -1, cut: 0, child: 0, length: 0))
    (nodes[node].column, nodes[node].cut, nodes[node].child) = (Int32(column), cut, Int32(child))
    grow(child, of: rows, &order, range.lowerBound..<middle, depth: depth + 1, limit: limit, using: &generator)
    grow(child + 1, of: rows, &order, middle..<range.upperBound, depth: depth + 1, limit: limit, using: &generator)
  }

  /// The anomaly score of each row, 2^(−mean path length / c(sample)), from 0 to 1 (Eq. 2).
  public func scores(_ rows: Matrix) -> [Float] {
    (0..<rows.rows).map { row in
      var sum = 0.0
      for root in roots {
        var node = root
        while nodes[node].column >= 0 {
          let next = Int(nodes[node].child)
          node = rows[row, Int(nodes[node].column)] <= nodes[node].cut ? next : next + 1
        }
        sum += Double(nodes[node].length)
      }
      return Float(exponential(-logarithm(2) * sum / Double(roots.count) / max(scale, 1e-9)))
    }
  }
}

internal import CopurNumerics

extension RandomizedForest {
  /// A forest while it grows.
  struct Grower {
    let inputs: Matrix
    let labels: [Int]
    let classes: Int
    let weights: [Double]
    let leaf: Int
    /// The number of features that a split draws: the root of all, as Geurts et al. advise for classification, rounded down.
    let drawn: Int
    var columns: [Int32] = []
    var cuts: [Float] = []
    var children: [Int32] = []
    var shares: [Float] = []

    init(inputs: Matrix, labels: [Int], classes: Int, classWeights: [Float]?, leaf: Int) {
      self.inputs = inputs
      self.labels = labels
      self.classes = classes
      weights = (0..<classes).map { Double(classWeights?[$0] ?? 1) }
      self.leaf = leaf
      drawn = max(1, Int(Double(inputs.columns).squareRoot()))
    }

    private mutating func addNode() -> Int {
      columns.append(-1)
      cuts.append(0)
      children.append(0)
      shares += repeatElement(0, count: classes)
      return columns.count - 1
    }

    /// - Returns: The tree's first node.
    mutating func grow(using generator: inout SeededGenerator) -> Int32 {
      var rows = Array(0..<inputs.rows)
      let root = addNode()
      var open = [(node: root, range: 0..<rows.count)]
      while let (node, range) = open.popLast() {
        guard range.count >= 2 * leaf, let cut = bestCut(of: rows[range], using: &generator) else {
          close(node, rows[range])
          continue
        }
        let middle = rows[range].partition { inputs[$0, cut.column] > cut.value }
        columns[node] = Int32(cut.column)
        cuts[node] = cut.value
        let first = addNode()
        let second = addNode()
        children[node] = Int32(first)
        open.append((first, range.lowerBound..<middle))
        open.append((second, middle..<range.upperBound))
      }
      return Int32(root)
    }

    private mutating func close(_ node: Int, _ rows: ArraySlice<Int>) {
      var counts = [Double](repeating: 0, count: classes)
      for row in rows { counts[labels[row]] += weights[labels[row]] }
      let total = counts.reduce(0, +)
      for label in 0..<classes {
        shares[node * classes + label] = Float(total > 0 ? counts[label] / total : 1 / Double(classes))
      }
    }

    /// The random cut with the least Gini impurity that leaves each side enough rows; nil if there is none, or one class
    /// alone.
    private func bestCut(
      of rows: ArraySlice<Int>, using generator: inout SeededGenerator
    ) -> (column: Int, value: Float)? {
      guard let label = rows.first.map({ labels[$0] }), rows.contains(where: { labels[$0] != label }) else {
        return nil
      }
      var best: (column: Int, value: Float, impurity: Double)?
      var left = [Double](repeating: 0, count: classes)
      var right = left
      var (hasVarying, position) = (false, 0)
      var order = Array(0..<inputs.columns)
      inputs.values.withUnsafeBufferPointer { values in
        // One that does not vary here is drawn in vain, as long as another does: few that vary among many that do not are
        // cut at random, not the best of them over and over.
        while position < drawn || !hasVarying, position < order.count {
          order.swapAt(position, Int.random(in: position..<order.count, using: &generator))
          let column = order[position]
          position += 1
          var (least, most) = (Float.infinity, -Float.infinity)
          for row in rows {
            let value = values[row * inputs.columns + column]
            least = min(least, value)
            most = max(most, value)
          }
          guard least < most else { continue }
          hasVarying = true
          let cut = least + (most - least) * Float(generator.uniform())
          for label in 0..<classes { (left[label], right[label]) = (0, 0) }
          var below = 0
          for row in rows {
            let label = labels[row]
            if values[row * inputs.columns + column] > cut {
              right[label] += weights[label]
            } else {
              left[label] += weights[label]
              below += 1
            }
          }
          guard below >= leaf, rows.count - below >= leaf else { continue }
          let impurity = Self.impurity(left) + Self.impurity(right)
          if best.map({ impurity < $0.impurity }) ?? true { best = (column, cut, impurity) }
        }
      }
      return best.map { ($0.column, $0.value) }
    }

    /// The Gini impurity times the weight of the rows.
    private static func impurity(_ counts: [Double]) -> Double {
      let total = counts.reduce(0, +)
      return total > 0 ? total - counts.reduce(0) { $0 + $1 * $1 } / total : 0
    }
  }
}

public import CopurNumerics

/// Extremely randomized trees (Geurts, Ernst and Wehenkel 2006): each split is the best of a few random cuts, one of each of
/// a few random features; each tree sees all rows. A row's class probabilities are the mean over the trees' leaves.
public struct RandomizedForest: Hashable, Sendable {
  /// The settings by which a forest is grown.
  public struct Settings: Hashable, Sendable {
    /// The number of trees; at least 1.
    public var trees: Int
    /// The fewest rows of a leaf; at least 1.
    public var leaf: Int

    /// - Parameters:
    ///   - trees: How many trees; at least 1.
    ///   - leaf: The fewest rows of a leaf; at least 1.
    public init(trees: Int = 60, leaf: Int = 5) {
      self.trees = trees
      self.leaf = leaf
    }
  }

  /// The number of columns of an input.
  public let inputWidth: Int
  /// The number of classes.
  public let classes: Int
  /// The first node of each tree.
  let roots: [Int32]
  /// The column that a node asks for; −1 for a leaf.
  let columns: [Int32]
  /// A row goes to the second child if its value is over this.
  let cuts: [Float]
  /// The first of a node's two children, which stand side by side; 0 for a leaf.
  let children: [Int32]
  /// The probability of each class in a node, [nodes · classes]; 0 in nodes that are no leaves.
  let shares: [Float]

  /// The least probability that a log-probability is taken of: a forest never saw enough rows to say more.
  public static let leastProbability = 1e-3

  /// Grows a forest.
  ///
  /// - Parameters:
  ///   - inputs: [n, width], n at least 1.
  ///   - labels: n classes, from 0.
  ///   - classWeights: How much a row of each class counts; nil for 1 each.
  public init(
    _ settings: Settings, fitting inputs: Matrix, labels: [Int], classes: Int, classWeights: [Float]? = nil,
    using generator: inout SeededGenerator
  ) {
    precondition(inputs.rows == labels.count && inputs.rows >= 1 && settings.trees >= 1 && settings.leaf >= 1)
    var grower = Grower(
      inputs: inputs, labels: labels, classes: classes, classWeights: classWeights, leaf: settings.leaf)
    var roots: [Int32] = []
    for _ in 0..<settings.trees { roots.append(grower.grow(using: &generator)) }
    inputWidth = inputs.columns
    self.classes = classes
    self.roots = roots
    (columns, cuts, children, shares) = (grower.columns, grower.cuts, grower.children, grower.shares)
  }

  /// A forest of given nodes.
  ///
  /// - Returns: Nil if they are none of trees: a child that is not after its parent, a column or node that there is not.
  public init?(
    inputWidth: Int, classes: Int, roots: [Int32], columns: [Int32], cuts: [Float], children: [Int32],
    shares: [Float]
  ) {
    let count = columns.count
    guard !roots.isEmpty, cuts.count == count, children.count == count, shares.count == count * classes,
      roots.allSatisfy({ $0 >= 0 && $0 < count }),
      (0..<count).allSatisfy({ node in
        columns[node] < 0
          || (columns[node] < inputWidth && children[node] > node && Int(children[node]) + 1 < count)
      })
    else { return nil }
    self.inputWidth = inputWidth
    self.classes = classes
    self.roots = roots
    self.columns = columns
    self.cuts = cuts
    self.children = children
    self.shares = shares
  }

  /// The forest of inputs whose last column is a given value, without that column: a node that asks for it gives way to the child
  /// that such an input goes to.
  ///
  /// - Precondition: An input has two columns or more.
  public func fixingLastColumn(at value: Float) -> RandomizedForest {
    precondition(inputWidth >= 2)
    var (columns, cuts, children, shares) = (columns, cuts, children, shares)
    // Children stand after their parents, so that from the end on a child is settled before its parent is.
    for node in columns.indices.reversed() where Int(columns[node]) == inputWidth - 1 {
      let child = Int(children[node]) + (value > cuts[node] ? 1 : 0)
      (columns[node], cuts[node], children[node]) = (columns[child], cuts[child], children[child])
      for label in 0..<classes { shares[node * classes + label] = shares[child * classes + label] }
    }
    guard
      let forest = RandomizedForest(
        inputWidth: inputWidth - 1, classes: classes, roots: roots, columns: columns, cuts: cuts, children: children,
        shares: shares)
    else { preconditionFailure("trees without some of their nodes are trees") }
    return forest
  }

  /// The nodes, as files keep them.
  public var nodes: (roots: [Int32], columns: [Int32], cuts: [Float], children: [Int32], shares: [Float]) {
    (roots, columns, cuts, children, shares)
  }

  /// The probability of each class, [n, classes]; a row's are the same in any batch.
  public func probabilities(_ inputs: Matrix) -> Matrix {
    precondition(inputs.columns == inputWidth)
    var sums = [Double](repeating: 0, count: classes)
    return Matrix(rows: inputs.rows, columns: classes) { output in
      inputs.values.withUnsafeBufferPointer { values in
        for row in 0..<inputs.rows {
          for label in 0..<classes { sums[label] = 0 }
          for root in roots {
            var node = Int(root)
            while columns[node] >= 0 {
              let isOver = values[row * inputWidth + Int(columns[node])] > cuts[node]
              node = Int(children[node]) + (isOver ? 1 : 0)
            }
            for label in 0..<classes { sums[label] += Double(shares[node * classes + label]) }
          }
          for label in 0..<classes { output[row * classes + label] = Float(sums[label] / Double(roots.count)) }
        }
      }
    }
  }

  /// log max(p, ``leastProbability``) of each class, [n, classes].
  public func logProbabilities(_ inputs: Matrix) -> Matrix {
    var result = probabilities(inputs)
    for index in result.values.indices {
      result.values[index] = Float(logarithm(max(Double(result.values[index]), Self.leastProbability)))
    }
    return result
  }
}

import CopurLearning
import CopurNumerics
import Testing

@Suite("RandomizedForest")
struct RandomizedForestTests {
  private func forest(
    _ inputs: Matrix, _ labels: [Int], classes: Int = 2, leaf: Int = 2, weights: [Float]? = nil, seed: UInt64 = 0
  ) -> RandomizedForest {
    var generator = SeededGenerator(seed: seed)
    return RandomizedForest(
      .init(trees: 30, leaf: leaf), fitting: inputs, labels: labels, classes: classes, classWeights: weights,
      using: &generator)
  }

  @Test("it tells apart what no line does, on rows that it has not seen")
  func exclusiveOr() {
    var generator = SeededGenerator(seed: 3)
    let inputs = generator.normalMatrix(rows: 800, columns: 3)
    let labels = (0..<800).map { (inputs[$0, 0] > 0) == (inputs[$0, 1] > 0) ? 1 : 0 }
    let forest = forest(inputs.selecting(rows: 0..<600), Array(labels[..<600]))
    let shares = forest.probabilities(inputs.selecting(rows: 600..<800))
    let right = (0..<200).count { (shares[$0, 1] > 0.5) == (labels[600 + $0] == 1) }
    #expect(right >= 170, "of 200")
    // A line has about half of them.
    #expect((0..<200).allSatisfy { abs(shares[$0, 0] + shares[$0, 1] - 1) < 1e-5 })
  }

  @Test("a leaf that nothing can divide has the shares of its rows, weighted by class")
  func leaves() {
    let inputs = Matrix(rows: 4, columns: 1)
    let shares = forest(inputs, [0, 0, 0, 1], leaf: 1).probabilities(inputs)
    #expect(shares[0, 0] == 0.75 && shares[0, 1] == 0.25)
    let balanced = forest(inputs, [0, 0, 0, 1], leaf: 1, weights: [1, 3]).probabilities(inputs)
    #expect(balanced[0, 0] == 0.5)
    // One class alone is certain, and its log-probability of the other bounded.
    let certain = forest(inputs, [1, 1, 1, 1])
    #expect(certain.probabilities(inputs)[0, 1] == 1)
    #expect(certain.logProbabilities(inputs)[0, 0] > -7 && certain.logProbabilities(inputs)[0, 1] == 0)
  }

  @Test("the seed decides, a row is judged alike in any batch, and nodes make the same forest again")
  func determinism() throws {
    var generator = SeededGenerator(seed: 4)
    let inputs = generator.normalMatrix(rows: 100, columns: 5)
    let labels = (0..<100).map { $0 % 3 }
    let one = forest(inputs, labels, classes: 3)
    #expect(forest(inputs, labels, classes: 3) == one && forest(inputs, labels, classes: 3, seed: 1) != one)
    let all = one.probabilities(inputs)
    for row in 0..<100 { #expect(one.probabilities(inputs.selecting(rows: [row])).values == Array(all[row: row])) }
    let nodes = one.nodes
    let again = RandomizedForest(
      inputWidth: 5, classes: 3, roots: nodes.roots, columns: nodes.columns, cuts: nodes.cuts,
      children: nodes.children, shares: nodes.shares)
    #expect(again == one)
  }

  @Test("a column whose value is known is left out, and no row is judged otherwise")
  func fixing() {
    var generator = SeededGenerator(seed: 5)
    var inputs = generator.normalMatrix(rows: 300, columns: 3)
    for row in 0..<300 { inputs[row, 2] = row % 3 == 0 ? 1 : 0 }
    let labels = (0..<300).map { inputs[$0, 2] == 1 ? 1 : inputs[$0, 0] > 0 ? 1 : 0 }
    let whole = forest(inputs, labels, leaf: 5)
    let rest = inputs.columns(0..<2)
    for value: Float in [0, 1] {
      for row in 0..<300 { inputs[row, 2] = value }
      let fixed = whole.fixingLastColumn(at: value)
      #expect(fixed.inputWidth == 2 && fixed.probabilities(rest) == whole.probabilities(inputs))
    }
    #expect(whole.fixingLastColumn(at: 0) != whole.fixingLastColumn(at: 1))
  }

  @Test("nodes that are none of trees are refused: a circle, a column or a child that there is not, none at all")
  func damaged() {
    func make(
      roots: [Int32] = [0], columns: [Int32] = [0, -1, -1], children: [Int32] = [1, 0, 0], width: Int = 1
    ) -> RandomizedForest? {
      RandomizedForest(
        inputWidth: width, classes: 2, roots: roots, columns: columns, cuts: [0, 0, 0], children: children,
        shares: [0, 0, 1, 0, 0, 1])
    }
    #expect(make() != nil)
    #expect(make(roots: []) == nil && make(roots: [3]) == nil && make(roots: [-1]) == nil)
    #expect(
      make(columns: [1, -1, -1]) == nil && make(children: [0, 0, 0]) == nil && make(children: [2, 0, 0]) == nil)
    #expect(make(columns: [0, -1]) == nil)
  }
}

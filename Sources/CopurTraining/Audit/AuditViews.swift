internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Training rows as an audit sees them: each agent's standardised features or embeddings within limits, 0 where it is
/// missing.
struct AuditViews {
  /// [n, d_i] of each agent.
  let blocks: [Matrix]
  /// Whether each agent is present in each row, [agent][row].
  let presence: [[Bool]]
  let classes: Int
  let seed: UInt64

  /// Agents' embeddings, which the fusion center standardises itself.
  init(_ observation: Observation, classes: Int, seed: UInt64) {
    let layout = observation.layout
    presence = (0..<layout.count).map { agent in
      (0..<observation.samples).map { observation.isObserved(block: agent, of: $0) }
    }
    blocks = zip(0..<layout.count, presence).map { agent, present in
      let own = observation.embeddings.columns(layout[agent])
      return Self.view(own, present: present, statistics: own)
    }
    (self.classes, self.seed) = (classes, seed)
  }

  /// Agents' features, standardised by statistics of honest rows where a simulation has spoiled some.
  init(_ dataset: Dataset, seed: UInt64) {
    let (features, layout) = (dataset.train.features, dataset.roster.layout)
    let honest = dataset.train.poisoned?.honest ?? features
    var (blocks, presence) = ([Matrix](), [[Bool]]())
    for agent in 0..<layout.count {
      let own = features.columns(layout[agent])
      let present = dataset.silence.presence(in: own)
      blocks.append(Self.view(own, present: present, statistics: honest.columns(layout[agent])))
      presence.append(present)
    }
    (self.blocks, self.presence) = (blocks, presence)
    classes = dataset.classNames.count
    self.seed = seed
  }

  /// An agent's rows on one scale, within limits; 0 where it is missing.
  ///
  /// - Parameter statistics: What gives the scale, by the rows in which the agent is present.
  private static func view(_ own: Matrix, present: [Bool], statistics: Matrix) -> Matrix {
    let rows = present.indices.filter { present[$0] }
    var view = VoterExtractor.inputs(own, Standardizer(fitting: statistics.selecting(rows: rows)))
    for row in 0..<view.rows where !present[row] {
      for column in 0..<view.columns { view[row, column] = 0 }
    }
    return view
  }

  var agents: Int { blocks.count }
  var rows: Int { blocks[0].rows }

  /// The number of parts that the rows are cut into, each of which is judged by models of the others.
  static let folds = 5

  /// The part of each row, at random: what a neighbour in time says of a row is welcome here.
  func parts(_ count: Int, purpose: String) -> [Int] {
    var generator = SeededGenerator(seed: seed, purpose: "audit: \(purpose)")
    var parts = [Int](repeating: 0, count: count)
    for (place, row) in generator.permutation(count).enumerated() { parts[row] = place % Self.folds }
    return parts
  }

  /// The power of a block to tell some rows from others: the area under the curve of scores by trees that have not seen the
  /// row.
  ///
  /// - Parameters:
  ///   - inputs: [n, d].
  ///   - marks: Whether each row is one of those to be told; at least five of each.
  ///   - trees: How many trees a forest has.
  func area(_ inputs: Matrix, marks: [Bool], trees: Int, purpose: String) -> Double {
    let parts = parts(marks.count, purpose: purpose)
    let labels = marks.map { $0 ? 1 : 0 }
    var scores = [Float](repeating: 0, count: marks.count)
    for part in 0..<Self.folds {
      let (rest, held) = (marks.indices.filter { parts[$0] != part }, marks.indices.filter { parts[$0] == part })
      guard !held.isEmpty, Set(rest.map { labels[$0] }).count == 2 else { continue }
      var generator = SeededGenerator(seed: seed, purpose: "audit: trees of \(purpose), part \(part)")
      let given = rest.map { labels[$0] }
      let forest = RandomizedForest(
        .init(trees: trees, leaf: 3), fitting: inputs.selecting(rows: rest), labels: given, classes: 2,
        classWeights: ClassificationLoss.balancedWeights(labels: given, classes: 2), using: &generator)
      let probabilities = forest.probabilities(inputs.selecting(rows: held))
      for (place, row) in held.enumerated() { scores[row] = probabilities[place, 1] }
    }
    return RankingMeasure.area(scores, isPositive: marks) ?? 0.5
  }

  /// The blocks of some agents side by side, of some rows.
  func joined(_ agents: [Int], rows: [Int]) -> Matrix {
    let layout = BlockLayout(widths: agents.map { blocks[$0].columns })
    var joined = Matrix(rows: rows.count, columns: layout.totalWidth)
    for (place, agent) in agents.enumerated() {
      joined.replaceColumns(layout[place], with: blocks[agent].selecting(rows: rows))
    }
    return joined
  }
}

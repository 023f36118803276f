import CopurLearning
import CopurNumerics
import Testing

/// Trainings of a model that is attacked later: on adversarial examples, and on few blocks at a time.
@Suite("RobustTraining")
struct RobustTrainingTests {
  private let layout = BlockLayout(widths: [2, 2, 2, 2])
  private let descent = InputDescent(step: 0.15, iterations: 10, direction: .normalized)

  /// Block 0 tells the classes apart with large numbers, which are wrong in one row of twenty; the others with small ones
  /// that are always right, and easily moved.
  private func rows(_ count: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { $0 % 2 }
    var inputs = generator.normalMatrix(rows: count, columns: 8, standardDeviation: 0.05)
    for (row, label) in labels.enumerated() {
      let sign: Float = label == 1 ? 1 : -1
      let large: Float = generator.uniform() < 0.05 ? -2 : 2
      for column in 0..<8 { inputs[row, column] += sign * (column < 2 ? large : 0.3) }
    }
    return (inputs, labels)
  }

  private func start(_ seed: UInt64) -> (DenseNetwork, SeededGenerator) {
    var generator = SeededGenerator(seed: seed)
    return (DenseNetwork(widths: [8, 12, 1], hidden: .relu, using: &generator), generator)
  }

  private func accuracy(_ network: DenseNetwork, _ inputs: Matrix, _ labels: [Int]) -> Double {
    let predicted = ClassificationLoss.sigmoid.labels(of: network.infer(inputs))
    return Double(zip(predicted, labels).count { $0 == $1 }) / Double(labels.count)
  }

  private func adversarial(targets: [Int]?, blocks: BlockLayout?, seed: UInt64 = 1) throws -> DenseNetwork {
    let (inputs, labels) = rows(400, seed: 1)
    var (network, generator) = start(seed)
    network = try AdversarialTraining.train(
      network, inputs: inputs, labels: labels, targets: targets.map { _ in labels.map { 1 - $0 } }, blocks: blocks,
      descent: descent, loss: .sigmoid, optimizer: Optimizer(.sgd, learningRate: 0.1), epochs: 30, batch: 32,
      using: &generator)
    return network
  }

  @Test("adversarial training lowers the attack's success, all blocks or one at a time, targeted or not")
  func adversarialTraining() throws {
    let (inputs, labels) = rows(400, seed: 1)
    var (plain, generator) = start(1)
    plain = try ClassifierTraining.train(
      plain, inputs: inputs, labels: labels, loss: .sigmoid, optimizer: Optimizer(.sgd, learningRate: 0.1), epochs: 30,
      batch: 32, using: &generator)
    let (test, truth) = rows(200, seed: 2)
    func attacked(_ network: DenseNetwork) -> Double {
      accuracy(
        network, descent.move(test, through: network, loss: .sigmoid, labels: truth, ascends: true), truth)
    }
    #expect(accuracy(plain, test, truth) > 0.98)
    let before = attacked(plain)
    #expect(before < 0.7)
    for blocks in [layout, nil] {
      for targets in [[], nil] as [[Int]?] {
        let trained = try adversarial(targets: targets, blocks: blocks)
        #expect(accuracy(trained, test, truth) > 0.9)
        let after = attacked(trained)
        #expect(1 - after < 0.4 * (1 - before), "\(before) → \(after), \(targets == nil), \(blocks == nil)")
      }
    }
  }

  @Test("the same seed gives the same model, another gives another")
  func seeded() throws {
    let first = try adversarial(targets: nil, blocks: layout)
    #expect(try adversarial(targets: nil, blocks: layout) == first)
    #expect(try adversarial(targets: nil, blocks: layout, seed: 2) != first)
  }

  @Test("a model trained on one block at a time predicts from any one; NULL moves only if it is learned")
  func ablation() throws {
    let (inputs, labels) = rows(400, seed: 1)
    let (test, truth) = rows(200, seed: 2)
    for learns in [true, false] {
      var (network, generator) = start(3)
      let (trained, null) = try AblationTraining.train(
        network, inputs: inputs, labels: labels, layout: layout, keep: 1, learnsNull: learns, loss: .sigmoid,
        optimizer: Optimizer(.sgd, learningRate: 0.1), epochs: 30, batch: 32, using: &generator)
      network = trained
      #expect(null.contains { $0 != 0 } == learns)
      for block in 0..<4 {
        var kept = Matrix(rows: 200, columns: 8)
        for row in 0..<200 {
          for column in 0..<8 { kept[row, column] = layout[block].contains(column) ? test[row, column] : null[column] }
        }
        #expect(accuracy(network, kept, truth) > 0.9, "block \(block), NULL learned: \(learns)")
      }
    }
  }

  @Test("one step moves NULL against the gradient in the place of the ablated block, and nowhere else")
  func null() throws {
    let input = rows(1, seed: 1).0
    let (network, initial) = start(3)
    var generator = initial
    let (_, null) = try AblationTraining.train(
      network, inputs: input, labels: [1], layout: layout, keep: 3, learnsNull: true, loss: .sigmoid,
      optimizer: Optimizer(.sgd, learningRate: 0.5), epochs: 1, batch: 1, using: &generator)
    let moved = (0..<4).filter { block in layout[block].contains { null[$0] != 0 } }
    let block = try #require(moved.first)
    #expect(moved.count == 1)
    var kept = input
    for column in layout[block] { kept[0, column] = 0 }
    let trace = network.trace(kept)
    let loss = ClassificationLoss.sigmoid(trace.output, labels: [1])
    let gradient = network.backward(trace, outputGradient: loss.gradient).input
    for column in layout[block] { #expect(abs(null[column] + 0.5 * gradient[0, column]) < 1e-6) }
  }
}

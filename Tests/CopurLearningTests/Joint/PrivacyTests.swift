import CopurLearning
import CopurNumerics
import Testing

/// Secrets that embeddings and gradients give away, as the threat model says: attacks that succeed.
struct PrivacyTests {
  private static let count = 400
  private static let labels: [Int] = {
    var generator = SeededGenerator(seed: 1)
    return (0..<count).map { _ in generator.uniform() < 0.4 ? 1 : 0 }
  }()

  /// Three agents with as many features each; what the first one sends and gets in the fifth epoch.
  private func overheard(
    features: Int = 5, exchange: JointExchange = JointExchange()
  ) throws -> (inputs: Matrix, embeddings: Matrix, gradients: [(rows: [Int], values: Matrix)]) {
    var generator = SeededGenerator(seed: 2)
    let (layout, labels) = (BlockLayout(widths: [8, 8, 8]), Self.labels)
    let inputs = Matrix(
      labels.map { label in (0..<3 * features).map { _ in 0.6 * Float(label) + Float(generator.normal()) } })
    let optimizer = Optimizer(.sgd, learningRate: 0.02)
    var agents = (0..<3).map { agent in
      ExtractorTrainee(
        network: DenseNetwork(widths: [features, 8], hidden: .identity, using: &generator),
        inputs: inputs.columns(features * agent..<features * (agent + 1)), optimizer: optimizer, exchange: exchange,
        seed: UInt64(agent))
    }
    var training = JointTraining(layout: layout, loss: .sigmoid)
    training.exchange = exchange
    let fusion = DenseNetwork(widths: [24, 16, 1], hidden: .leakyReLU(slope: 0.9), using: &generator)
    var center = JointTrainingCenter(
      training, fusion: fusion, labels: labels, optimizer: optimizer, epochs: 5, batch: 64, using: &generator)
    var gradients: [(rows: [Int], values: Matrix)] = []
    var sent = Matrix(rows: Self.count, columns: 8)
    while let rows = center.nextRows() {
      var embeddings = Matrix(rows: rows.count, columns: 24)
      for index in 0..<3 { embeddings.replaceColumns(layout[index], with: agents[index].embed(rows: rows)) }
      let slopes = try center.step(embeddings, of: rows).gradient
      for index in 0..<3 { agents[index].receive(gradient: slopes.columns(layout[index])) }
      if center.completedEpochs == 4 || center.completedEpochs == 5 {
        gradients.append((rows, slopes.columns(layout[0])))
      }
    }
    for row in 0..<Self.count { sent[row: row] = agents[0].embed(rows: [row])[row: 0] }
    return (inputs.columns(0..<features), sent, gradients)
  }

  /// The share of labels that an agent reads off its gradients if it knows one.
  private func labelsRead(_ gradients: [(rows: [Int], values: Matrix)]) -> Double {
    var (right, all) = (0, 0)
    // The direction of a known row's gradient, by which the next batch's is turned the right way.
    var direction: [Float]?
    for (rows, values) in gradients {
      let gradients = (0..<rows.count).map { Array(values[row: $0]) }
      func along(_ one: [Float], _ other: [Float]) -> Float { zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } }
      // The first singular vector, by power iteration from the largest row.
      var axis = gradients.max { along($0, $0) < along($1, $1) } ?? []
      for _ in 0..<20 {
        var next = [Float](repeating: 0, count: axis.count)
        for gradient in gradients {
          let weight = along(gradient, axis)
          for column in next.indices { next[column] += weight * gradient[column] }
        }
        let norm = along(next, next).squareRoot()
        axis = next.map { $0 / norm }
      }
      // One known label, of the first row of all; σ − y is negative for class 1.
      let known = direction ?? (Self.labels[rows[0]] == 1 ? gradients[0].map { -$0 } : gradients[0])
      if along(known, axis) < 0 { axis = axis.map { -$0 } }
      direction = axis
      for (row, gradient) in zip(rows, gradients) {
        all += 1
        right += (along(gradient, axis) < 0 ? 1 : 0) == Self.labels[row] ? 1 : 0
      }
    }
    return Double(right) / Double(all)
  }

  @Test("An agent that knows one label reads all labels off its gradients")
  func labels() throws {
    #expect(labelsRead(try overheard().gradients) == 1)
  }

  @Test("Noise on gradients of their own size leaves most labels readable: it is no protection")
  func noisyLabels() throws {
    let read = labelsRead(try overheard(exchange: JointExchange(gradientNoise: 1)).gradients)
    #expect(read > 0.9 && read < 1, "\(read)")
  }

  /// The share of the variance of features that a fusion center recovers that knows some rows.
  private func featuresRead(_ inputs: Matrix, _ embeddings: Matrix, known: Int) throws -> Double {
    // Least squares from embeddings, with a constant, to features; a little ridge, since they span fewer directions.
    let width = embeddings.columns + 1
    func row(_ number: Int) -> [Double] { embeddings[row: number].map(Double.init) + [1] }
    var normal = [Double](repeating: 0, count: width * width)
    for number in 0..<known {
      let values = row(number)
      for one in 0..<width { for other in 0..<width { normal[one * width + other] += values[one] * values[other] } }
    }
    for one in 0..<width { normal[one * width + one] += 1e-7 }
    let eigen = try SymmetricEigen(of: normal, size: width)
    var (error, variance) = (0.0, 0.0)
    for feature in 0..<inputs.columns {
      var products = [Double](repeating: 0, count: width)
      for number in 0..<known {
        for (index, value) in row(number).enumerated() { products[index] += value * Double(inputs[number, feature]) }
      }
      var weights = [Double](repeating: 0, count: width)
      for (value, vector) in zip(eigen.values, eigen.vectors) {
        let part = zip(vector, products).reduce(0.0) { $0 + $1.0 * $1.1 } / value
        for index in 0..<width { weights[index] += part * vector[index] }
      }
      for number in known..<Self.count {
        let guess = zip(weights, row(number)).reduce(0.0) { $0 + $1.0 * $1.1 }
        error += (guess - Double(inputs[number, feature])) * (guess - Double(inputs[number, feature]))
        variance += Double(inputs[number, feature]) * Double(inputs[number, feature])
      }
    }
    return 1 - error / variance
  }

  @Test("A fusion center that knows a few rows undoes a linear extractor; 8 bits do not hide it")
  func features() throws {
    let exact = try overheard()
    #expect(try featuresRead(exact.inputs, exact.embeddings, known: 32) > 0.99)
    let rounded = try overheard(exchange: JointExchange(numbers: .int8))
    #expect(try featuresRead(rounded.inputs, rounded.embeddings, known: 64) > 0.95)
  }

  @Test("An agent with more features than its embedding is wide keeps a part to itself")
  func moreFeatures() throws {
    let wide = try overheard(features: 24)
    #expect(try featuresRead(wide.inputs, wide.embeddings, known: 128) < 0.6)
  }
}

import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// The two sides of joint training, and the exchange between them.
struct JointTrainingCenterTests {
  private static let layout = BlockLayout(widths: [3, 3])

  /// Two agents, whose features each say something of the class.
  private struct Setting {
    var agents: [ExtractorTrainee]
    var center: JointTrainingCenter
    let exchange: JointExchange
  }

  private func setting(
    _ exchange: JointExchange = JointExchange(), epochs: Int = 12, method: Optimizer.Method = .sgd, rate: Float = 0.05,
    dropout: Float = 0, heads: Bool = false
  ) -> Setting {
    var generator = SeededGenerator(seed: 3)
    let labels = (0..<90).map { _ in generator.uniform() < 0.5 ? 1 : 0 }
    let inputs = Matrix(
      labels.map { label in (0..<4).map { _ in Float(label) - 0.5 + 0.8 * Float(generator.normal()) } })
    let optimizer = Optimizer(method, learningRate: rate)
    let agents = (0..<2).map { agent in
      ExtractorTrainee(
        network: DenseNetwork(widths: [2, 3], hidden: .identity, using: &generator),
        inputs: inputs.columns(2 * agent..<2 * agent + 2), optimizer: optimizer, exchange: exchange, seed: UInt64(agent)
      )
    }
    var training = JointTraining(layout: Self.layout, loss: .sigmoid)
    training.exchange = exchange
    training.agentDropout = dropout
    training.hasAgentHeads = heads
    let fusion = DenseNetwork(widths: [6, 4, 1], hidden: .leakyReLU(slope: 0.1), using: &generator)
    return Setting(
      agents: agents,
      center: JointTrainingCenter(
        training, fusion: fusion, labels: labels, optimizer: optimizer, epochs: epochs, batch: 32, using: &generator),
      exchange: exchange)
  }

  private func losses(_ setting: Setting) throws -> [Float] {
    var (setting, losses) = (setting, [Float]())
    try JointTraining.run(&setting.agents, &setting.center, exchange: setting.exchange) { losses.append($1) }
    return losses
  }

  @Test("Both sides saved and read again in the middle of an epoch go on with the same bits")
  func checkpoints() throws {
    for (method, mode) in [
      (Optimizer.Method.adam(), JointExchange.Mode.synchronous), (.momentum(decay: 0.9), .synchronous),
    ] {
      let exchange = JointExchange(mode: mode, embeddingNoise: 0.1, gradientNoise: 0.1)
      var whole = setting(exchange, method: method, dropout: 0.3, heads: true)
      var parted = setting(exchange, method: method, dropout: 0.3, heads: true)
      for _ in 0..<7 { try step(&parted) }
      // Through files, as after a kill.
      var restored = setting(exchange, method: method, dropout: 0.3, heads: true)
      try restored.center.restore(try copy(parted.center.state))
      for index in 0..<2 { try restored.agents[index].restore(try copy(parted.agents[index].state)) }
      try JointTraining.run(&whole.agents, &whole.center, exchange: exchange) { _, _ in }
      try JointTraining.run(&restored.agents, &restored.center, exchange: exchange) { _, _ in }
      #expect(whole.center.fusion == restored.center.fusion)
      #expect(whole.agents.map(\.network) == restored.agents.map(\.network))
    }
  }

  private func step(_ setting: inout Setting) throws {
    let next = setting.center.nextRows()
    let rows = try #require(next)
    var embeddings = Matrix(rows: rows.count, columns: 6)
    for index in 0..<2 {
      embeddings.replaceColumns(Self.layout[index], with: setting.agents[index].embed(rows: rows))
    }
    let slopes = try setting.center.step(embeddings, of: rows).gradient
    for index in 0..<2 { setting.agents[index].receive(gradient: slopes.columns(Self.layout[index])) }
  }

  private func copy<State: Codable>(_ state: State) throws -> State {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    return try PropertyListDecoder().decode(State.self, from: encoder.encode(state))
  }

  @Test("For a linear extractor and SGD, several local steps are one of as many times the rate")
  func localSteps() {
    let rows = Array(0..<32)
    var generator = SeededGenerator(seed: 9)
    let gradient = generator.normalMatrix(rows: 32, columns: 3)
    var several = setting(JointExchange(localSteps: 10), rate: 0.01).agents[0]
    var once = setting(rate: 0.1).agents[0]
    _ = (several.embed(rows: rows), once.embed(rows: rows))
    several.receive(gradient: gradient)
    once.receive(gradient: gradient)
    for (one, other) in zip(several.network.parameters.joined(), once.network.parameters.joined()) {
      #expect(abs(one - other) <= 1e-5 * max(1, abs(one)))
    }
  }

  @Test("Asynchronous training with agents that take turns loses no more than 2 % against synchronous training")
  func asynchronous() throws {
    let synchronous = try losses(setting(epochs: 40))
    let asynchronous = try losses(setting(JointExchange(mode: .asynchronous), epochs: 40))
    #expect(asynchronous.count == 40)
    #expect(abs(asynchronous[39] - synchronous[39]) <= 0.02 * synchronous[39])
    // Many steps of the whole rate would look much faster than they are.
    #expect(asynchronous[4] > 0.9 * synchronous[4])
  }

  @Test("What is older than the staleness is missing, and so is what never came")
  func staleness() throws {
    // The second agent never sends: the first one's steps are those of a training in which it is absent.
    let exchange = JointExchange(mode: .asynchronous)
    var (alone, other) = (setting(exchange).center, setting(exchange).center)
    var generator = SeededGenerator(seed: 4)
    let blocks = generator.normalMatrix(rows: 32, columns: 3)
    let (next, same) = (alone.nextRows(of: 0), other.nextRows(of: 0))
    let rows = try #require(next)
    #expect(same == rows)
    // Sent and forgotten is as never sent.
    var with = other
    _ = try with.step(blocks, of: rows, from: 1)
    with.forget(1)
    let (first, _) = try alone.step(blocks, of: rows, from: 0)
    let (second, _) = try other.step(blocks, of: rows, from: 0)
    #expect(first == second)
    #expect(with.fusion != alone.fusion)
  }

  @Test("Rounded numbers stay what they are when they are rounded again, and are off by at most half a step")
  func rounding() throws {
    var generator = SeededGenerator(seed: 5)
    for scale: Float in [1e-30, 1, 3e8] {
      let matrix = generator.normalMatrix(rows: 20, columns: 7, standardDeviation: scale)
      for format in [QuantizedNumbers.Format.int8, .int16] {
        let largest = try #require(format.largest)
        let rounded = matrix.rounded(to: format)
        #expect(rounded.rounded(to: format) == rounded)
        let step = matrix.values.map(\.magnitude).max()! / Float(largest)
        for (one, other) in zip(matrix.values, rounded.values) { #expect(abs(one - other) <= 0.501 * step) }
      }
    }
    #expect(Matrix(rows: 1, columns: 2, values: [0, 0]).rounded(to: .int8).values == [0, 0])
    #expect(QuantizedNumbers([Float.nan], largest: 127) == nil)
  }

  @Test("8 bits change the loss by less than a thousandth")
  func eightBits() throws {
    let exact = try losses(setting(epochs: 30))
    let rounded = try losses(setting(JointExchange(numbers: .int8), epochs: 30))
    #expect(exact != rounded)
    #expect(abs(exact[29] - rounded[29]) < 0.001 * exact[29])
  }
}

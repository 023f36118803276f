import CopurLearning
import CopurNumerics
import Testing

@Suite("Lookahead")
struct LookaheadTests {
  @Test("every k-th step the slow weights go a share of the way, and the fast ones go on from there")
  func recurrence() throws {
    let architecture = try Architecture(inputWidth: 1, layers: [.init("only", DenseSpecification(outputs: 1))])
    var network = try Network(architecture) { name, _ in [name.hasSuffix("weight") ? 2 : 0] }
    var optimizer = Optimizer(.sgd, learningRate: 0.1)
    var lookahead = Lookahead(network, steps: 3, rate: 0.5)
    var (fast, slow) = (2.0, 2.0)
    for step in 1...10 {
      let slope = Double(step % 4) + 0.5
      network.update(by: [[Float(slope)], [0]], with: &optimizer)
      try lookahead.stepped(&network)
      fast -= 0.1 * slope
      if step % 3 == 0 {
        slow += 0.5 * (fast - slow)
        fast = slow
      }
      #expect(abs(Double(network.parameters[0][0]) - fast) < 1e-5, "step \(step)")
    }
    // Ten steps without slow weights would have come to 2 − 0.1 · Σ slopes.
    #expect(abs(network.parameters[0][0] - (2 - 0.1 * 20)) > 0.1)
  }

  @Test("running moments of a batch normalisation stay as the batches made them")
  func runningMoments() throws {
    var generator = SeededGenerator(seed: 3)
    let architecture = try Architecture(
      inputWidth: 2,
      layers: [
        .init("dense", DenseSpecification(outputs: 3)), .init("norm", BatchNormalizationSpecification(channels: 3)),
      ])
    var network = try Network(architecture, using: &generator)
    var alone = network
    var lookahead = Lookahead(network, steps: 1, rate: 0.5)
    var optimizers = (Optimizer(.sgd, learningRate: 0.1), Optimizer(.sgd, learningRate: 0.1))
    let input = generator.normalMatrix(rows: 6, columns: 2)
    let trace = network.trace(input, in: .training(seed: 1))
    let gradient = network.parameterGradient(trace, outputGradient: generator.normalMatrix(rows: 6, columns: 3))
    let before = network.parameters
    network.update(by: gradient, with: &optimizers.0)
    alone.update(by: gradient, with: &optimizers.1)
    try lookahead.stepped(&network)
    // Weight, bias, scale, shift; then running mean and variance.
    #expect(network.parameters[4] == alone.parameters[4] && network.parameters[5] == alone.parameters[5])
    #expect(network.parameters[4] != before[4])
    for place in 0..<4 {
      for index in before[place].indices {
        let halfway = before[place][index] + 0.5 * (alone.parameters[place][index] - before[place][index])
        #expect(abs(network.parameters[place][index] - halfway) < 1e-6)
      }
    }
    #expect(network.infer(input).isFinite)
  }
}

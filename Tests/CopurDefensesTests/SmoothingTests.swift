import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import Testing

@Suite("Smoothing")
struct SmoothingTests {
  let layout = BlockLayout(widths: [4, 3, 5])
  let model: FusionModel
  let embeddings: Matrix

  init() {
    var generator = SeededGenerator(seed: 8)
    model = FusionModel(
      network: DenseNetwork(widths: [12, 5, 3], hidden: .relu, using: &generator), classes: 3)
    embeddings = generator.normalMatrix(rows: 12, columns: 12)
  }

  /// Shares of the votes under noise on the inputs themselves.
  private func plainShares(columns: [Range<Int>], sigma: Float, draws: Int) -> [[Double]] {
    var generator = SeededGenerator(seed: 99)
    let noisy = Set(columns.joined())
    return (0..<embeddings.rows).map { row in
      let copies = Matrix(rows: draws, columns: 12) { output in
        for index in 0..<draws * 12 {
          let noise = noisy.contains(index % 12) ? sigma * Float(generator.normal()) : 0
          output[index] = embeddings[row, index % 12] + noise
        }
      }
      let labels = model.loss.labels(of: model.network.infer(copies))
      return (0..<3).map { label in Double(labels.count { $0 == label }) / Double(draws) }
    }
  }

  @Test(
    "noise drawn behind the first layer votes as noise on the embedding does", arguments: [[0, 1, 2], [1], [0, 2]])
  func distribution(blocks: [Int]) throws {
    let columns = blocks.map { layout[$0] }
    let draws = 20_000
    let smoothed = try SmoothedModel(
      model, settings: SmoothingSettings(sigma: 0.8, draws: draws), columns: columns, seed: 1)
    let expected = plainShares(columns: columns, sigma: 0.8, draws: draws)
    // Five standard deviations of the difference of two shares at their widest.
    let bound = 5 * (0.5 / Double(draws)).squareRoot()
    var undecided = 0
    for (votes, shares) in zip(smoothed.votes(embeddings), expected) {
      #expect(votes.reduce(0, +) == draws)
      for label in 0..<3 { #expect(abs(Double(votes[label]) / Double(draws) - shares[label]) < bound) }
      if (votes.max() ?? 0) < draws * 9 / 10 { undecided += 1 }
    }
    // Without samples that the noise is undecided on, equal votes would show nothing.
    #expect(undecided >= 2)
  }

  @Test("noise has the covariance σ²·W₁ᵀW₁ of the noisy columns, of lower rank where they are fewer than the layer's")
  func covariance() throws {
    let weights = model.network.layers[0].weights
    for columns in [[0..<12], [4..<7]] {
      let draws = 40_000
      let noise = try SmoothedModel(
        model, settings: SmoothingSettings(sigma: 2, draws: draws), columns: columns, seed: 5
      ).noise
      for first in 0..<5 {
        for second in 0..<5 {
          let measured = (0..<draws).reduce(0.0) { $0 + Double(noise[$1, first] * noise[$1, second]) } / Double(draws)
          func expected(_ a: Int, _ b: Int) -> Double {
            4 * columns.joined().reduce(0.0) { $0 + Double(weights[$1, a] * weights[$1, b]) }
          }
          // The standard deviation of a sample covariance of normal numbers, five times.
          let spread =
            (expected(first, first) * expected(second, second)
            + expected(first, second) * expected(first, second)).squareRoot()
          #expect(abs(measured - expected(first, second)) < 5 * spread / Double(draws).squareRoot())
        }
      }
    }
  }

  @Test("block-wise smoothing is the unsecured model where nobody lies, and leaves honest blocks without noise")
  func blockwise() throws {
    let observation = Observation(layout: layout, embeddings: embeddings)
    let oracle = try RandomizedSmoothingBlock(
      layout: layout, model: model, settings: SmoothingSettings(sigma: 3, draws: 50), seed: 1)
    let clean = Unsecured(layout: layout, model: model).decide(observation)
    for (decision, plain) in zip(oracle.decide(observation), clean) {
      #expect(decision.label == plain.label && decision.probabilities[plain.label] == 1)
    }
    let told = try oracle.told(compromised: [1])
    let expected = try SmoothedModel(
      model, settings: SmoothingSettings(sigma: 3, draws: 50), columns: [layout[1]], seed: 1)
    #expect(told.name == oracle.name && told.decide(observation) == expected.decide(embeddings))
    #expect(told.decide(observation) != oracle.decide(observation))
  }

  @Test("little noise changes nothing; another seed draws other noise")
  func limits() throws {
    let quiet = try SmoothedModel(
      model, settings: SmoothingSettings(sigma: 1e-6, draws: 10), columns: [0..<12], seed: 1)
    #expect(quiet.decide(embeddings).map(\.label) == model.decide(embeddings).map(\.label))
    func votes(_ seed: UInt64) throws -> [[Int]] {
      try SmoothedModel(model, settings: SmoothingSettings(draws: 200), columns: [0..<12], seed: seed)
        .votes(embeddings)
    }
    #expect(try votes(1) == votes(1) && votes(1) != votes(2))
  }

  @Test("noise beyond single precision is an error, not NaN")
  func overflow() {
    #expect(throws: NumericsError.self) {
      try SmoothedModel(
        model, settings: SmoothingSettings(sigma: 3e38, draws: 100), columns: [0..<12], seed: 1)
    }
  }
}

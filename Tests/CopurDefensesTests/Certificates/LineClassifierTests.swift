import CopurCore
import CopurDefenses
import CopurLearning
import CopurNumerics
import CopurPurification
import Testing

@Suite("One class on an interval")
struct LineClassifierTests {
  /// A model, a line, and the model's own answers along it.
  private struct Setting {
    let model: FusionModel
    let manifold: LinearManifold
    var classifier: LineClassifier {
      LineClassifier(model, offset: manifold.offset, direction: manifold.directions.values)
    }

    init(hidden: [Int], classes: Int, activation: Activation, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      let outputs = classes == 2 ? 1 : classes
      var network = DenseNetwork(widths: [8] + hidden + [outputs], hidden: activation, using: &generator)
      for layer in network.layers.indices {
        for unit in network.layers[layer].bias.indices {
          network.layers[layer].bias[unit] = Float(generator.normal()) * 0.5
        }
      }
      model = FusionModel(network: network, classes: classes)
      manifold = LinearManifold(
        layout: BlockLayout(widths: [3, 5]), offset: generator.normalMatrix(rows: 1, columns: 8).values,
        directions: generator.normalMatrix(rows: 1, columns: 8), blockScale: 1)
    }

    func labels(_ interval: CodeInterval, points: Int) -> [Int] {
      let step = (interval.upper - interval.lower) / Double(points - 1)
      let codes = (0..<points).map { [Float(interval.lower + Double($0) * step)] }
      return model.decide(manifold.decode(Matrix(codes))).map(\.label)
    }
  }

  @Test(
    "It agrees with dense sampling, for one hidden layer and for more, two classes and more",
    arguments: [
      ([16], 2, Activation.leakyReLU(slope: 0.9)), ([16], 2, .relu), ([12], 4, .leakyReLU(slope: 0.1)),
      ([8, 8], 3, .relu), ([], 3, .identity), ([6, 5, 4], 2, .leakyReLU(slope: 0.3)),
    ])
  func sampling(hidden: [Int], classes: Int, activation: Activation) {
    var (constant, changing) = (0, 0)
    for seed in UInt64(0)..<60 {
      let setting = Setting(hidden: hidden, classes: classes, activation: activation, seed: seed)
      var generator = SeededGenerator(seed: seed, purpose: "interval")
      let middle = 3 * generator.normal()
      let width = Double(generator.uniform(0, 1)) * (seed % 2 == 0 ? 8 : 0.5)
      let interval = CodeInterval(lower: middle - width, upper: middle + width)
      let labels = setting.labels(interval, points: 4001)
      let isConstant = Set(labels).count == 1
      let answers = (0..<classes).map { setting.classifier.isConstant($0, on: interval) }
      // Where the class changes between two samples, or within rounding, it may say no where sampling sees nothing.
      if !isConstant { #expect(answers.allSatisfy { !$0 }, "seed \(seed)") }
      for (label, answer) in answers.enumerated() where answer {
        #expect(isConstant && labels[0] == label, "seed \(seed)")
      }
      constant += answers.contains(true) ? 1 : 0
      changing += isConstant ? 0 : 1
      if isConstant, !answers[labels[0]] {
        #expect(!nearby(setting, interval, labels[0]), "seed \(seed): one class for sampling, not for the classifier")
      }
    }
    #expect(constant >= 10 && (changing >= 5 || classes == 2))
  }

  /// Whether the class stays the same on a slightly wider interval, finely sampled.
  private func nearby(_ setting: Setting, _ interval: CodeInterval, _ label: Int) -> Bool {
    let wider = CodeInterval(lower: interval.lower - 1e-3, upper: interval.upper + 1e-3)
    return setting.labels(wider, points: 40_001).allSatisfy { $0 == label }
  }

  @Test("Where rounding could decide, it says no; on a point it is the model's answer elsewhere")
  func rounding() {
    // The logit is 1000·z − 1000·z + 1e-6 in exact arithmetic.
    let layer = DenseLayer(
      weights: Matrix(rows: 2, columns: 1, values: [1000, -1000]), bias: [1e-6], activation: .identity)
    let model = FusionModel(network: DenseNetwork(layers: [layer]), classes: 2)
    let classifier = LineClassifier(model, offset: [0, 0], direction: [1, 1])
    #expect(!classifier.isConstant(1, on: CodeInterval(lower: 1, upper: 2)))
    #expect(classifier.isConstant(1, on: CodeInterval(lower: 0, upper: 0)))
    #expect(!classifier.isConstant(0, on: CodeInterval(lower: 0, upper: 0)))
    let huge = CodeInterval(lower: -1e37, upper: 1e37)
    #expect(!classifier.isConstant(1, on: huge))
  }
}

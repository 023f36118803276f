import CopurLearning
import CopurNumerics
import Testing

@Suite("LogisticRegression")
struct LogisticRegressionTests {
  private func problem(rows: Int, width: Int, seed: UInt64) -> (inputs: Matrix, labels: [Int]) {
    var generator = SeededGenerator(seed: seed)
    let inputs = generator.normalMatrix(rows: rows, columns: width)
    let labels = (0..<rows).map { row in
      Double(inputs[row, 0]) - 0.5 * Double(inputs[row, 1]) + generator.normal() > 0.4 ? 1 : 0
    }
    return (inputs, labels)
  }

  /// C·Σ w·ℓ + ½‖β‖² (+ the intercept's own penalty), written anew.
  private func objective(
    _ model: LogisticRegression, _ inputs: Matrix, _ labels: [Int], _ weights: [Float], _ inversePenalty: Double
  ) -> Double {
    Double(labels.count) * inversePenalty * model.loss(inputs, labels: labels, classWeights: weights)
      + model.weights.reduce(0) { $0 + $1 * $1 } / 2 + 1e-4 * model.intercept * model.intercept / 2
  }

  @Test("nothing near the fit is lower, whatever the penalty and the classes' weights", arguments: [0.001, 0.1, 10])
  func minimum(inversePenalty: Double) {
    let (inputs, labels) = problem(rows: 200, width: 4, seed: 1)
    for weights: [Float] in [[1, 1], [0.3, 2.5]] {
      var model = LogisticRegression(width: 4)
      model.fit(inputs, labels: labels, classWeights: weights, inversePenalty: inversePenalty)
      let least = objective(model, inputs, labels, weights, inversePenalty)
      // Fits of other penalties are other points, each of which has to be higher here.
      for factor in [0.5, 0.9, 1.1, 2] {
        var other = LogisticRegression(width: 4)
        other.fit(inputs, labels: labels, classWeights: weights, inversePenalty: inversePenalty * factor)
        #expect(objective(other, inputs, labels, weights, inversePenalty) > least)
      }
      // From another start to the same point.
      var again = LogisticRegression(width: 4)
      again.fit(inputs, labels: labels, classWeights: weights, inversePenalty: 100)
      again.fit(inputs, labels: labels, classWeights: weights, inversePenalty: inversePenalty)
      #expect(abs(objective(again, inputs, labels, weights, inversePenalty) - least) < 1e-6 * (1 + least))
    }
  }

  @Test("with no features to speak of, the log-odds are those of the classes")
  func prior() {
    var model = LogisticRegression(width: 1)
    model.fit(
      Matrix(rows: 100, columns: 1), labels: (0..<100).map { $0 < 80 ? 1 : 0 }, inversePenalty: 10)
    #expect(abs(model.intercept - 1.3862943611198906) < 1e-3 && model.weights == [0])
    // Balanced classes have even odds.
    var balanced = LogisticRegression(width: 1)
    balanced.fit(
      Matrix(rows: 100, columns: 1), labels: (0..<100).map { $0 < 80 ? 1 : 0 }, classWeights: [2.5, 0.625],
      inversePenalty: 10)
    #expect(abs(balanced.intercept) < 1e-6)
  }

  @Test("a number whose value is known is left out, and the log-odds are what they were")
  func fixing() {
    let (inputs, labels) = problem(rows: 100, width: 3, seed: 2)
    var model = LogisticRegression(width: 3)
    model.fit(inputs, labels: labels, inversePenalty: 1)
    for value: Float in [0, 1, -2.5] {
      let marked = Matrix((0..<100).map { [inputs[$0, 0], inputs[$0, 1], value] })
      let fixed = model.fixingLastColumn(at: Double(value))
      for (one, other) in zip(fixed.logits(inputs.columns(0..<2)), model.logits(marked)) {
        #expect(abs(one - other) < 1e-9)
      }
    }
  }

  @Test("one class alone, and classes that a line separates, end in finite numbers")
  func extremes() {
    let inputs = Matrix(rows: 6, columns: 1, values: [-3, -2, -1, 1, 2, 3])
    for labels in [[0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1]] {
      var model = LogisticRegression(width: 1)
      model.fit(inputs, labels: labels, inversePenalty: 1e6)
      #expect(model.logits(inputs).allSatisfy { $0.isFinite })
      #expect(zip(model.logits(inputs), labels).allSatisfy { ($0 > 0) == ($1 == 1) })
    }
  }

  @Test("as a network it says the same")
  func network() {
    let (inputs, labels) = problem(rows: 50, width: 3, seed: 2)
    var model = LogisticRegression(width: 3)
    model.fit(inputs, labels: labels, inversePenalty: 0.1)
    for (logit, other) in zip(model.logits(inputs), model.network.infer(inputs).values) {
      #expect(abs(logit - Double(other)) < 1e-4)
    }
  }
}

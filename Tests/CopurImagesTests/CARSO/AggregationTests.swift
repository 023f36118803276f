import CopurImages
import CopurNumerics
import Foundation
import Testing

@Suite("Aggregation of CARSO")
struct AggregationTests {
  /// Eight draws of logits that any trained classifier has.
  private let draws = Matrix(rows: 8, columns: 2, values: (0..<8).flatMap { _ in [1.5, -0.2] as [Float] })

  @Test("the order of classes is that of the product of exp(exp(logit)), where that is a number")
  func order() {
    var generator = SeededGenerator(seed: 1)
    let logits = generator.normalMatrix(rows: 50 * 4, columns: 5)
    let predictions = CARSO.predictions(of: logits, draws: 4)
    for row in 0..<50 {
      let products = (0..<5).map { label in
        (0..<4).reduce(1.0) { $0 * exp(exp(Double(logits[row * 4 + $1, label]))) }
      }
      #expect(products[predictions[row]] == products.max())
    }
    let scores = CARSO.scores(logits, draws: 4)
    #expect(abs(Double(scores[7, 2]) - log((0..<4).reduce(0.0) { $0 + exp(Double(logits[28 + $1, 2])) })) < 1e-5)
  }

  @Test("logits of 1000 stay finite, and differences of them count")
  func large() {
    let logits = Matrix([[1000, 1000.5, -1000], [1000, 999, 0]])
    #expect(CARSO.scores(logits, draws: 2).isFinite)
    // e^0.5 + e^−1 is over 1 + 1.
    #expect(CARSO.predictions(of: logits, draws: 2) == [1])
    #expect(CARSO.predictions(of: Matrix([[-1000, -999]]), draws: 1) == [1])
  }

  @Test("a tie goes to the first class, whatever the order of draws")
  func ties() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<50 {
      let values = (0..<8).map { _ in Float(generator.normal()) }
      let shuffled = values.shuffled(using: &generator)
      let logits = Matrix(rows: 8, columns: 3, values: (0..<8).flatMap { [-9, values[$0], shuffled[$0]] })
      #expect(CARSO.predictions(of: logits, draws: 8) == [1])
    }
  }

  @Test("the reference code's outputs are infinite at logits 1.5 and −0.2, their gradient no number; ours are finite")
  func reference() {
    let outputs = CARSO.referenceLogits(draws, draws: 8)
    #expect(outputs[0, 0] == .infinity)
    let masked = AttackObjective(.reference, .crossEntropy)(draws, labels: [0], draws: 8)
    #expect(masked.values[0].isNaN && masked.slopes.values.allSatisfy(\.isNaN))
    let honest = AttackObjective(.sumOfExponentials, .crossEntropy)(draws, labels: [0], draws: 8)
    #expect(honest.values[0].isFinite && honest.slopes.isFinite && honest.slopes.values.allSatisfy { $0 != 0 })
    #expect(CARSO.scores(draws, draws: 8).isFinite)
    #expect(CARSO.predictions(of: draws, draws: 8) == [0])
  }

  @Test("with small logits the reference code's outputs are the log-odds of a softmax of sums")
  func smallReference() {
    let logits = Matrix([[0.2, -0.1], [0, 0.3]])
    let (first, second) = (exp(0.2) + 1, exp(-0.1) + exp(0.3))
    let outputs = CARSO.referenceLogits(logits, draws: 2)
    // Of two classes the log-odds are the difference.
    #expect(abs(Double(outputs[0, 0]) - (first - second)) < 1e-5)
    #expect(abs(Double(outputs[0, 1]) - (second - first)) < 1e-5)
  }
}

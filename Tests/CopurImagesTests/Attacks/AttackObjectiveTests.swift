import CopurImages
import CopurNumerics
import Foundation
import Testing

@Suite("Objectives of attacks")
struct AttackObjectiveTests {
  static let objectives = DrawAggregation.allCases.flatMap { aggregation in
    AttackObjective.Loss.allCases.map { AttackObjective(aggregation, $0) }
  }

  @Test("gradients by logits are those of central differences", arguments: objectives)
  func gradients(objective: AttackObjective) {
    var generator = SeededGenerator(seed: 5)
    // Small logits, with which the reference code's outputs are numbers too.
    let logits = generator.normalMatrix(rows: 2 * 2 * 3, columns: 4, standardDeviation: 0.4)
    let labels = [1, 3]
    let (values, slopes) = objective(logits, labels: labels, draws: 3)
    #expect(values.count == 2 && values.allSatisfy(\.isFinite))
    let step: Float = 1e-2
    for index in logits.values.indices {
      func value(_ shift: Float) -> Double {
        var moved = logits
        moved.values[index] += shift
        return objective(moved, labels: labels, draws: 3).values.reduce(0.0) { $0 + Double($1) }
      }
      let numeric = (value(step) - value(-step)) / Double(2 * step)
      #expect(abs(Double(slopes.values[index]) - numeric) < 2e-3 + 0.02 * abs(numeric), "\(index)")
    }
  }

  @Test("values of a case that can be written down")
  func values() {
    let logits = Matrix([[2, 0, -1], [0, 1, -1]])
    func value(_ aggregation: DrawAggregation, _ loss: AttackObjective.Loss) -> Double {
      Double(AttackObjective(aggregation, loss)(logits, labels: [1], draws: 2).values[0])
    }
    // Mean logits 1, 0.5, −1.
    #expect(abs(value(.meanLogit, .margin) - 0.5) < 1e-6)
    #expect(abs(value(.meanLogit, .differenceOfLogitsRatio) - 0.25) < 1e-6)
    let entropy = log(exp(1.0) + exp(0.5) + exp(-1.0)) - 0.5
    #expect(abs(value(.meanLogit, .crossEntropy) - entropy) < 1e-6)
    #expect(abs(value(.sumOfExponentials, .margin) - log((exp(2.0) + 1) / (1 + exp(1.0)))) < 1e-6)
    let sums = (exp(2.0) + 1 + exp(-1.0), 1 + exp(1.0) + exp(-1.0))
    let (first, second) = (exp(2.0) / sums.0 + 1 / sums.1, 1 / sums.0 + exp(1.0) / sums.1)
    #expect(abs(value(.meanProbability, .margin) - log(first / second)) < 1e-6)
  }

  @Test("the gradient does not vanish where the right class is sure, nor overflow with large logits")
  func extremes() {
    let sure = Matrix([[40, 0, 0]])
    let slopes = AttackObjective(.meanLogit, .crossEntropy)(sure, labels: [0], draws: 1).slopes
    #expect(slopes[0, 0] < 0 && slopes[0, 1] > 0)
    let large = Matrix([[1000, -1000, 999], [998, 0, 1000]])
    for objective in Self.objectives where objective.aggregation != .reference {
      let (values, slopes) = objective(large, labels: [0], draws: 2)
      #expect(values[0].isFinite && slopes.isFinite, "\(objective)")
    }
  }

  @Test("with two classes the ratio is the margin")
  func twoClasses() {
    let logits = Matrix([[1, -3]])
    let ratio = AttackObjective(.meanLogit, .differenceOfLogitsRatio)(logits, labels: [0], draws: 1)
    #expect(ratio.values == [-4] && ratio.slopes.values == [-1, 1])
  }
}

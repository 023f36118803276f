import CopurImages
import CopurNumerics
import Testing

@Suite("Re-evaluations")
struct ReevaluationTests {
  @Test("mean, majority and worst")
  func figures() {
    let figures = Reevaluation(predictions: 10, right: [10, 6, 5, 0]).figures
    #expect(figures == Reevaluation.Figures(mean: 21.0 / 40, majority: 0.5, worst: 0.25))
    let worst = Reevaluation.worst(of: [
      Reevaluation(predictions: 10, right: [10, 6, 5, 0]), Reevaluation(predictions: 10, right: [9, 10, 5, 1]),
    ])
    #expect(worst.right == [9, 6, 5, 0])
  }

  @Test("a victim that draws is asked anew each time, one that does not only once")
  func predictions() throws {
    let weights = Matrix([[1, 0], [0, 1]])
    // A picture far from the border, and one on it.
    let pictures = Matrix([[1, 0], [0.5, 0.5]])
    let noisy = LinearPictureVictim(weights: weights, draws: 1, noise: 0.1)
    let evaluation = try Reevaluation(
      of: noisy, pictures: pictures, labels: [0, 0], numbers: [0, 1], predictions: 40, seed: 3)
    #expect(evaluation.predictions == 40 && evaluation.right[0] == 40)
    #expect((8...32).contains(evaluation.right[1]), "\(evaluation.right)")
    let sure = LinearPictureVictim(weights: weights, draws: 1)
    let once = try Reevaluation(
      of: sure, pictures: pictures, labels: [0, 1], numbers: [0, 1], predictions: 40, seed: 3)
    #expect(once.predictions == 1 && once.right == [1, 0])
  }
}

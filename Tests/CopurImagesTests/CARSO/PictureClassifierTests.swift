import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Testing

@Suite("Classifier of pictures")
struct PictureClassifierTests {
  @Test("an adversarial training withstands attacks that a plain one does not")
  func training() throws {
    let (train, test) = (SmallPictures.rows(192, seed: 1), SmallPictures.rows(60, seed: 2))
    var generator = SeededGenerator(seed: 3)
    let start = try PictureClassifier(
      SmallPictures.shape, classes: 3, widths: SmallPictures.classifierWidths, using: &generator)
    func robust(_ steps: Int) throws -> (clean: Double, attacked: Double) {
      let training = PictureClassifier.Training(epochs: 12, batch: 16, learningRate: 5e-3, attackSteps: steps)
      let trained = try start.trained(on: train, radius: 0.2, training, seed: 4)
      let attack = SignAscent(AttackObjective(.meanLogit, .margin), steps: 20, starts: 2)
      let numbers = Array(0..<60)
      let attacked = try attack.attack(
        test.features, labels: test.labels, numbers: numbers, radius: 0.2, against: trained, seed: 5)
      return (
        Metrics.accuracy(
          labels: test.labels, predictions: trained.predictions(of: test.features, numbers: numbers, seed: 0)),
        Metrics.accuracy(labels: test.labels, predictions: trained.predictions(of: attacked, numbers: numbers, seed: 0))
      )
    }
    let (plain, adversarial) = (try robust(0), try robust(3))
    #expect(plain.clean > 0.95 && adversarial.clean > 0.95, "\(plain), \(adversarial)")
    #expect(adversarial.attacked > plain.attacked + 0.1, "\(plain), \(adversarial)")
  }

  @Test("pre-activations are what the layers before a ReLU give")
  func preactivations() throws {
    let rows = SmallPictures.rows(3, seed: 1)
    let (classifier, _) = try SmallPictures.untrained(seed: 2, pictures: rows.features)
    let outputs = classifier.network.trace(rows.features).outputs
    #expect(classifier.preactivations.map(\.width) == classifier.preactivations.map { outputs[$0.layer].columns })
    // Values below 0 are still there, and the next layer cuts them off.
    for preactivation in classifier.preactivations.dropLast() {
      #expect(outputs[preactivation.layer].values.contains { $0 < 0 })
      #expect(outputs[preactivation.layer + 1].values == outputs[preactivation.layer].values.map { max($0, 0) })
    }
    #expect(classifier.preactivations.last?.layer == outputs.count - 1)
  }

  @Test("pictures that are none are errors that say the rule")
  func errors() throws {
    let rows = SmallPictures.rows(8, seed: 1)
    let (classifier, _) = try SmallPictures.untrained(seed: 2, pictures: rows.features)
    func message(_ rows: LabelledRows, _ training: PictureClassifier.Training = .init()) -> String {
      do {
        _ = try classifier.trained(on: rows, radius: 0.1, training, seed: 0)
        return ""
      } catch { return "\(error)" }
    }
    var bright = rows.features
    bright.values[3] = 1.5
    #expect(message(LabelledRows(features: bright, labels: rows.labels)).contains("from 0 to 1 (actual: 1.5)"))
    bright.values[3] = .nan
    #expect(message(LabelledRows(features: bright, labels: rows.labels)).contains("nan"))
    #expect(message(LabelledRows(features: rows.features, labels: Array(1...8))).contains("actual: 3"))
    #expect(message(LabelledRows(features: rows.features.columns(0..<9), labels: rows.labels)).contains("8 of 9"))
    #expect(message(rows, .init(epochs: 0)).contains("an epoch or more"))
  }
}

import CopurCore
import Testing

struct MetricsTests {
  @Test("Accuracy, balanced accuracy and majority rate of ten samples, by hand")
  func byHand() {
    // Class 0: 5 of 6 right; class 1: 1 of 3; class 2: 0 of 1, without a verdict.
    let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]
    let predictions: [Int?] = [0, 0, 0, 0, 0, 1, 1, 0, 2, nil]
    #expect(Metrics.accuracy(labels: labels, predictions: predictions) == 0.6)
    let expected = (5.0 / 6 + 1.0 / 3 + 0) / 3
    #expect(abs(Metrics.balancedAccuracy(labels: labels, predictions: predictions) - expected) < 1e-15)
    #expect(Metrics.majorityRate(labels: labels) == 0.6)
  }

  @Test("A constant guess reaches the majority rate, and one over the classes in balanced accuracy")
  func constantGuess() {
    let labels = [1, 1, 1, 0]
    let guess: [Int?] = [1, 1, 1, 1]
    #expect(Metrics.accuracy(labels: labels, predictions: guess) == Metrics.majorityRate(labels: labels))
    #expect(Metrics.balancedAccuracy(labels: labels, predictions: guess) == 0.5)
  }

  @Test("A targeted attack succeeds on samples of other classes only")
  func targeted() {
    let labels = [0, 1, 2, 2, 1]
    let targets = [Int?](repeating: 2, count: 5)
    // Samples 2 and 3 are of the target's class; of 0, 1 and 4 one becomes it.
    #expect(Metrics.attackSuccessRate(labels: labels, predictions: [2, 1, 2, 0, nil], targets: targets) == 1.0 / 3)
    #expect(Metrics.attackSuccessRate(labels: [2], predictions: [2], targets: [2]) == nil)
  }

  @Test("What an attack gained: only samples on which it did not have before what it wants")
  func gain() {
    // Towards class 2: sample 0 is of it, 1 was taken for it before; of 2 and 3 one becomes it.
    #expect(
      Metrics.attackGain(
        labels: [2, 1, 1, 0], predictions: [2, 2, 2, 0], clean: [2, 2, 1, 0], targets: [2, 2, 2, 2]) == 0.5)
    // Away from the truth: sample 0 was wrong before; of the other three one becomes wrong, one has no verdict.
    #expect(
      Metrics.attackGain(
        labels: [0, 1, 1, 0], predictions: [1, 0, nil, 0], clean: [1, 1, 1, 0], targets: [nil, nil, nil, nil]) == 1.0
        / 3)
    #expect(Metrics.attackGain(labels: [0], predictions: [1], clean: [1], targets: [nil]) == nil)
    #expect(Metrics.attackGain(labels: [0], predictions: [1], clean: [1], targets: [1]) == nil)
  }

  @Test("An untargeted attack succeeds on every wrong prediction")
  func untargeted() {
    #expect(
      Metrics.attackSuccessRate(labels: [0, 1, 1, 0], predictions: [1, 1, 0, nil], targets: [nil, nil, nil, nil]) == 0.5
    )
  }
}

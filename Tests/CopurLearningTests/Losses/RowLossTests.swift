import CopurLearning
import CopurNumerics
import Testing

@Suite("Losses of single rows")
struct RowLossTests {
  @Test("their mean is the batch's loss, and their gradients divided by n are the batch's", arguments: [2, 3, 5])
  func classification(classes: Int) {
    var generator = SeededGenerator(seed: UInt64(classes))
    let loss = ClassificationLoss(classes: classes)
    let logits = generator.normalMatrix(rows: 6, columns: loss.logits(classes: classes), standardDeviation: 3)
    let labels = (0..<6).map { $0 % classes }
    let (values, gradient) = loss.ofEachRow(logits, labels: labels)
    let batch = loss(logits, labels: labels)
    #expect(values == loss.values(of: logits, labels: labels))
    #expect(abs(values.reduce(0, +) / 6 - batch.value) < 1e-5)
    for (own, mean) in zip(gradient.values, batch.gradient.values) { #expect(abs(own / 6 - mean) < 1e-6) }
    for row in 0..<6 {
      let alone = loss.ofEachRow(logits.selecting(rows: [row]), labels: [labels[row]])
      #expect(alone.values == [values[row]] && alone.gradient.values == Array(gradient[row: row]))
    }
  }

  @Test("the same for reconstructions")
  func reconstruction() {
    var generator = SeededGenerator(seed: 1)
    let (a, b) = (generator.normalMatrix(rows: 5, columns: 7), generator.normalMatrix(rows: 5, columns: 7))
    let (values, gradient) = ReconstructionLoss.ofEachRow(a, against: b)
    let batch = ReconstructionLoss.evaluate(a, against: b)
    #expect(abs(values.reduce(0, +) / 5 - batch.value) < 1e-5)
    for (own, mean) in zip(gradient.values, batch.gradient.values) { #expect(abs(own / 5 - mean) < 1e-6) }
  }
}

import CopurCore
import CopurImages
import CopurNumerics
import Testing

@Suite("Balanced batches")
struct BalancedBatchTests {
  @Test(
    "parts are equal and rounded up, and none is empty",
    arguments: [
      // The reference code's scenario c: 128 a process, a hundredth of them, a quarter of that is 0 there.
      (128, 0.01, 1), (128, 0.5, 16), (80, 0.15, 3), (81, 0.15, 4), (5120, 0.5, 640), (4, 1, 1), (7, 1, 1),
      (10, 0.01, 1),
    ])
  func counts(size: Int, share: Double, each: Int) {
    let batch = BalancedBatch(size: size, share: share)
    #expect(batch.counts == [each, each, each, each])
    #expect(batch.counts.allSatisfy { $0 > 0 } && batch.attacked <= size)
  }

  @Test("without a share nothing is attacked")
  func none() { #expect(BalancedBatch(size: 16, share: 0).counts == [0, 0, 0, 0]) }

  @Test("each part is moved by its own radius, the rest not at all")
  func attack() throws {
    let rows = SmallPictures.rows(16, seed: 1)
    let (classifier, _) = try SmallPictures.untrained(seed: 2, pictures: rows.features)
    let batch = BalancedBatch(size: 16, share: 0.5)
    let moved = try batch.attack(
      rows.features, labels: rows.labels, radius: 0.1, steps: 3, on: classifier, seed: 3)
    let changes = (0..<16).map { row in
      zip(moved[row: row], rows.features[row: row]).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    }
    #expect(batch.counts == [2, 2, 2, 2])
    let expected: [Float] = [0.05, 0.05, 0.1, 0.1, 0.05, 0.05, 0.1, 0.1]
    for row in 0..<8 { #expect(abs(changes[row] - expected[row]) < 1e-6, "\(changes)") }
    #expect(changes[8...].allSatisfy { $0 == 0 })
    #expect(moved.values.allSatisfy { (0...1).contains($0) })
    // A single step is along the sign of the gradient; PGD's starts are random.
    let again = try batch.attack(
      rows.features, labels: rows.labels, radius: 0.1, steps: 3, on: classifier, seed: 4)
    for row in 0..<4 { #expect(again[row: row] == moved[row: row]) }
    #expect(again[row: 7] != moved[row: 7])
  }
}

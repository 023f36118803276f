import CopurFusionCenter
import CopurNumerics
import Testing

@Suite struct FIFOTests {
  @Test(arguments: 0..<10) func agreesWithAnArray(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var queue = FIFO<Int>()
    var reference: [Int] = []
    for step in 0..<5000 {
      // Phases of growing and shrinking, so that the dead front is cut off at many lengths.
      if generator.next() % 10 < (step / 500 % 2 == 0 ? 7 : 3) {
        queue.append(step)
        reference.append(step)
      } else {
        let expected = reference.isEmpty ? nil : reference.removeFirst()
        guard queue.popFirst() == expected else {
          Issue.record("seed \(seed), step \(step)")
          return
        }
      }
      guard queue.count == reference.count, queue.first == reference.first, queue.isEmpty == reference.isEmpty else {
        Issue.record("seed \(seed), step \(step)")
        return
      }
    }
  }
}

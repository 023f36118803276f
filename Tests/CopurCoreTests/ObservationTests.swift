import CopurCore
import CopurNumerics
import Testing

@Suite("Observation")
struct ObservationTests {
  let layout = BlockLayout(widths: [1, 2])

  @Test("missing is not zero: the sets differ although the numbers are the same")
  func missingIsNotZero() {
    let zero = Observation(layout: layout, embeddings: Matrix([[5, 0, 0]]))
    var missing = Observation(layout: layout, embeddings: Matrix([[5, 7, 8]]))
    missing.withhold(block: 1, of: 0)
    #expect(missing.embeddings == zero.embeddings && missing != zero)
    #expect(zero.observedCount(of: 0) == 2 && missing.observedCount(of: 0) == 1)
  }

  @Test("the order in which blocks come does not matter")
  func order() {
    var first = Observation(layout: layout, samples: 2)
    first.set(block: 0, of: 1, to: [1])
    first.set(block: 1, of: 1, to: [2, 3])
    var second = Observation(layout: layout, samples: 2)
    second.set(block: 1, of: 1, to: [2, 3])
    second.set(block: 0, of: 1, to: [1])
    #expect(first == second)
    #expect(first.selecting([1]).embeddings == Matrix([[1, 2, 3]]))
    #expect(first.selecting([1, 0]).observed == [true, true, false, false])
  }
}

import CopurNumerics
import Testing

@Suite("SeededGenerator")
struct SeededGeneratorTests {
  @Test("equal seeds give equal sequences, other seeds and purposes give others")
  func sequences() {
    var first = SeededGenerator(seed: 42)
    var second = SeededGenerator(seed: 42)
    var other = SeededGenerator(seed: 43)
    var purpose = SeededGenerator(seed: 42, purpose: "weights")
    let numbers = (0..<8).map { _ in first.next() }
    #expect(numbers == (0..<8).map { _ in second.next() })
    #expect(numbers != (0..<8).map { _ in other.next() })
    #expect(numbers != (0..<8).map { _ in purpose.next() })
  }

  @Test("normal numbers have mean 0 and variance 1")
  func normalMoments() {
    var generator = SeededGenerator(seed: 7)
    let values = (0..<100_000).map { _ in generator.normal() }
    let mean = values.reduce(0, +) / 100_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
    // Five standard errors of either estimate.
    #expect(abs(mean) < 5 / 316.0)
    #expect(abs(variance - 1) < 5 * 2.0.squareRoot() / 316)
  }

  @Test("a permutation holds every number once")
  func permutation() {
    var generator = SeededGenerator(seed: 1)
    let order = generator.permutation(1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
  }
}

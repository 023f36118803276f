import CopurImages
import CopurNumerics
import Testing

@Suite("PixelMasks")
struct PixelMasksTests {
  @Test("each set of k pixels is drawn equally often")
  func uniform() {
    var masks = PixelMasks(pixels: 6, keep: 3)
    var generator = SeededGenerator(seed: 3)
    var counts: [Set<Int32>: Int] = [:]
    let draws = 20_000
    for _ in 0..<draws {
      let mask = masks.draw(using: &generator)
      #expect(mask.count == 3 && mask.allSatisfy { (0..<6).contains($0) })
      counts[Set(mask), default: 0] += 1
    }
    #expect(counts.count == 20 && counts.keys.allSatisfy { $0.count == 3 })
    // χ² with 19 degrees of freedom is below 43.8 but once in a thousand times.
    let expected = Double(draws) / 20
    let statistic = counts.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(statistic < 43.8, "\(statistic)")
  }

  @Test("a set depends on the generator alone, not on what was drawn before")
  func independence() {
    var used = PixelMasks(pixels: 784, keep: 45)
    var other = SeededGenerator(seed: 1)
    for _ in 0..<10 { _ = used.draw(using: &other) }
    var fresh = PixelMasks(pixels: 784, keep: 45)
    var (left, right) = (SeededGenerator(seed: 2), SeededGenerator(seed: 2))
    #expect(used.draw(using: &left) == fresh.draw(using: &right))
    var all = PixelMasks(pixels: 5, keep: 5)
    #expect(Set(all.draw(using: &left)) == [0, 1, 2, 3, 4])
  }
}

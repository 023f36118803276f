import CopurImages
import Testing

@Suite("TouchProbability")
struct TouchProbabilityTests {
  @Test("Δ is the share of all sets of kept pixels that hold a changed one", arguments: 1...9)
  func enumeration(pixels: Int) {
    for keep in 1...pixels {
      let sets = (0..<1 << pixels).filter { $0.nonzeroBitCount == keep }
      for changed in 0...pixels {
        let touched = sets.count { $0 & (1 << changed - 1) != 0 }
        let value = TouchProbability.value(pixels: pixels, keep: keep, changed: changed)
        #expect(abs(value - Double(touched) / Double(sets.count)) < 1e-14)
      }
      #expect(TouchProbability.table(pixels: pixels, keep: keep).last == 1)
    }
  }

  /// 1 − C(d − ρ, k)/C(d, k) by Python's `fractions`.
  @Test(
    "Δ of MNIST's extents",
    arguments: [(45, 8, 0.37816341552408816), (45, 1, 0.05739795918367347), (20, 5, 0.12150174625875466), (784, 1, 1)])
  func mnist(keep: Int, changed: Int, expected: Double) {
    #expect(abs(TouchProbability.value(pixels: 784, keep: keep, changed: changed) - expected) < 1e-12)
  }
}

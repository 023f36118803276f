import CopurCore
import CopurNumerics
import CopurPurification
import Testing

/// A block far out pulls with its strength and no more, however far it is.
@Suite("Blocks far out")
struct FarBlocksTests {
  @Test(
    "The solution is the same for a block at 1e4 as at 1e30, to what the pull still changes",
    arguments: [UInt64](0..<40))
  func distance(seed: UInt64) throws {
    let line = try ReachableCodesTests.Line([3, 2, 4, 3, 3, 2], seed: seed)
    for sign in [Float(-1), 1] {
      let codes = [Float(1e6), 1e9, 1e12, 1e15, 1e18, 1e24, 1e30].map { size in
        var observation = line.clean
        for sample in 0..<observation.samples {
          observation.set(
            block: 1, of: sample, to: line.block(1, asking: sign * size, off: [Float](repeating: 0, count: 2)))
        }
        return line.codes(observation)
      }
      for other in codes.dropFirst() {
        for (a, b) in zip(codes[0], other) { #expect(abs(a - b) < 1e-3 * (1 + abs(a)), "\(a) \(b)") }
      }
    }
  }
}

import CopurDatasets
import CopurNumerics
import Testing

struct DecimalNumberTests {
  @Test(
    "Every spelling gives the nearest double",
    arguments: [
      "0", "-0.0", "0.1", "-0.00011399999999999999", "123456789012345678", "9007199254740993", "1e22", "1e23",
      "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308", "0.30000000000000004",
      "8.41000000000000000000000000001", "99999999999999999999", "1e-400", "1E5", "00012.50",
    ])
  func nearest(text: String) throws {
    let expected = try #require(Double(text))
    let parsed = try #require(DecimalNumber.parse(Array(text.utf8)[...]))
    #expect(parsed.bitPattern == expected.bitPattern)
  }

  @Test("Random numbers come back as they were printed", arguments: [1, 2, 3] as [UInt64])
  func random(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(DecimalNumber.parse(Array("\(value)".utf8)[...]) == value, "seed \(seed)")
      let short = (value.significand * 1000).rounded() / 1000
      #expect(DecimalNumber.parse(Array("\(short)".utf8)[...]) == short, "seed \(seed)")
    }
  }
}

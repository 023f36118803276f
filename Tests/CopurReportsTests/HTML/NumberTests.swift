import CopurReports
import Testing

struct NumberTests {
  @Test("Three significant digits, a true minus, and no minus before nothing")
  func significant() {
    #expect(Number.significant(0) == "0")
    #expect(Number.significant(62.0205) == "62.0")
    #expect(Number.significant(0.012345) == "0.0123")
    #expect(Number.significant(-1234.4) == "−1234")
    #expect(Number.significant(2.5e-9) == "2.50e−09")
    #expect(Number.significant(3.4e38) == "3.40e+38")
    #expect(Number.fixed(-0.04, decimals: 1) == "0.0")
    #expect(Number.fixed(-0.06, decimals: 1) == "−0.1")
  }

  @Test("Short numbers have no zeros at the end", arguments: [(10, "10"), (0.5, "0.5"), (1.25, "1.25"), (100, "100")])
  func short(value: Double, expected: String) {
    #expect(Number.short(value) == expected)
  }

  @Test(
    "Times in the unit that suits them",
    arguments: [(2.789e-5, "27.9 µs"), (0.0123, "12.3 ms"), (2, "2.00 s"), (150, "2 min 30 s")])
  func duration(seconds: Double, expected: String) {
    #expect(Number.duration(seconds: seconds) == expected)
  }

  @Test("Lists in words")
  func list() {
    #expect(Number.list([]) == "")
    #expect(Number.list(["a"]) == "a")
    #expect(Number.list(["a", "b", "c"]) == "a, b and c")
  }
}

import CopurReports
import Testing

struct ScaleTests {
  @Test(
    "Linear ticks are round and within the domain",
    arguments: [
      (0.0...1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0.0...100.0, [0, 20, 40, 60, 80, 100]), (3.0...17.0, [5, 10, 15]),
      (0.6...0.9, [0.6, 0.7, 0.8, 0.9]), (-1.0...1.0, [-1, -0.5, 0, 0.5, 1]),
    ])
  func linear(domain: ClosedRange<Double>, expected: [Double]) {
    let ticks = Scale(domain: domain, from: 0, to: 1).ticks()
    #expect(ticks.count == expected.count && zip(ticks, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(ticks)")
  }

  @Test(
    "Logarithmic ticks: powers of ten, in a short domain 2 and 5 times them, in a long one not all",
    arguments: [
      (0.3...120.0, [1.0, 10, 100]), (2.0...8.0, [2, 5]), (1.0...10.0, [1, 2, 5, 10]),
      (1e-8...1e8, [1e-8, 1e-4, 1, 1e4, 1e8]),
    ])
  func logarithmic(domain: ClosedRange<Double>, expected: [Double]) {
    let ticks = Scale(.logarithmic, domain: domain, from: 0, to: 1).ticks()
    #expect(ticks.count == expected.count && zip(ticks, expected).allSatisfy { abs($0 / $1 - 1) < 1e-12 }, "\(ticks)")
  }

  @Test("Places, also on an axis that goes up the page; what is outside stays at the end")
  func positions() {
    let linear = Scale(domain: 0...10, from: 200, to: 0)
    #expect(linear.position(0) == 200 && linear.position(2.5) == 150 && linear.position(11) == 0)
    let logarithmic = Scale(.logarithmic, domain: 1...100, from: 0, to: 10)
    #expect(abs(logarithmic.position(10) - 5) < 1e-12)
    #expect(logarithmic.position(0) == 0)
  }

  @Test("A domain of one value still has a place for it", arguments: [0.0, 5, -3])
  func point(value: Double) {
    #expect(abs(Scale(domain: value...value, from: 0, to: 10).position(value) - 5) < 1e-12)
    guard value > 0 else { return }
    #expect(abs(Scale(.logarithmic, domain: value...value, from: 0, to: 10).position(value) - 5) < 1e-12)
  }
}

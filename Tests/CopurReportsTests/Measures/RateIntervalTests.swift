import CopurReports
import Testing

struct RateIntervalTests {
  private func interval(_ seeds: (rate: Double, deviation: Double?, samples: Int)...) -> RateInterval? {
    RateInterval(
      seeds.map { RateInterval.Measurement(rate: $0.rate, deviation: $0.deviation, samples: $0.samples) })
  }

  private func isNear(_ value: Double?, _ expected: Double) -> Bool { abs((value ?? .nan) - expected) < 1e-3 }

  @Test("Where all samples agree it is Wilson's: 0 of 10, as Newcombe prints such intervals (1998)")
  func wilson() {
    let none = interval((0, 0, 10))
    #expect(none?.lower == 0 && isNear(none?.upper, 0.2775))
    let all = interval((1, nil, 10))
    #expect(isNear(all?.lower, 0.7225) && all?.upper == 1)
  }

  @Test("Samples that resemble their neighbours make it wider, never narrower")
  func samples() {
    let alone = interval((0.5, nil, 1000))
    #expect(isNear(alone?.lower, 0.469) && isNear(alone?.upper, 0.531))
    let wide = interval((0.5, 0.05, 1000))
    #expect(isNear(wide?.lower, 0.402) && isNear(wide?.upper, 0.598))
    #expect(interval((0.5, 0.0001, 1000)).map { [$0.lower, $0.upper] } != [0.5, 0.5])
    #expect(isNear(interval((0.5, 0.0001, 1000))?.upper, 0.531))
  }

  @Test("Seeds that disagree make it wider: variances add up")
  func seeds() {
    let two = interval((0.4, 0.03, 10_000), (0.6, 0.03, 10_000))
    // Between: 0.02; within: 0.0009.
    #expect(two?.rate == 0.5 && isNear(two?.lower, 0.5 - 1.96 * 0.0209.squareRoot()))
    #expect(interval() == nil)
  }
}

import CopurGRPC
import Testing

struct ConnectionBackoffTests {
  /// Random numbers that a seed repeats (the constants are Knuth's).
  private struct Congruential: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
  }

  private func delays(_ backoff: ConnectionBackoff, _ failures: [Int]) -> [Double] {
    var random = Congruential()
    return failures.map { backoff.delay(afterFailures: $0, using: &random) / .seconds(1) }
  }

  @Test("Without jitter the waits grow by 1.6 up to two minutes")
  func growth() {
    let delays = delays(ConnectionBackoff(jitter: 0), [1, 2, 3, 10, 11, 12, 1_000_000])
    for (actual, expected) in zip(delays, [1, 1.6, 2.56, 68.719, 109.951, 120, 120]) {
      #expect(abs(actual - expected) < 0.001, "\(delays)")
    }
  }

  @Test("Jitter makes a wait up to a fifth shorter or longer")
  func jitter() throws {
    let delays = delays(ConnectionBackoff(), Array(repeating: 1, count: 1000))
    let (shortest, longest) = (try #require(delays.min()), try #require(delays.max()))
    #expect((0.8..<0.81).contains(shortest))
    #expect((1.19...1.2).contains(longest))
  }

  @Test("Settings that make no sense do not trap")
  func nonsense() {
    let backoffs = [
      ConnectionBackoff(initial: .seconds(500)), ConnectionBackoff(jitter: -1), ConnectionBackoff(jitter: 7),
      ConnectionBackoff(multiplier: 0.5),
    ]
    for backoff in backoffs {
      let delays = delays(backoff, [-1, 0, 1, 100])
      #expect(delays.allSatisfy { (0...240).contains($0) }, "\(delays)")
    }
  }
}

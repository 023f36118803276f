import CopurGRPC
import Testing

struct ConnectionBackoffTests {
  private struct Constant: RandomNumberGenerator {
    var value: UInt64
    mutating func next() -> UInt64 { value }
  }

  private func delays(_ backoff: ConnectionBackoff, _ failures: [Int], random: UInt64 = 0) -> [Double] {
    failures.map {
      var random = Constant(value: random)
      return backoff.delay(afterFailures: $0, using: &random) / .seconds(1)
    }
  }

  @Test("Without jitter the waits grow by 1.6 up to two minutes")
  func growth() {
    let delays = delays(ConnectionBackoff(jitter: 0), [1, 2, 3, 10, 11, 12, 1_000_000])
    for (actual, expected) in zip(delays, [1, 1.6, 2.56, 68.719, 109.951, 120, 120]) {
      #expect(abs(actual - expected) < 0.001, "\(delays)")
    }
  }

  @Test("Jitter makes a wait up to a fifth shorter or longer", arguments: [(0, 0.8), (UInt64.max, 1.2)])
  func jitter(_ random: UInt64, _ expected: Double) {
    #expect(abs(delays(ConnectionBackoff(), [1], random: random)[0] - expected) < 0.001)
  }

  @Test("Settings that make no sense do not trap")
  func nonsense() {
    let backoffs = [
      ConnectionBackoff(initial: .seconds(500)), ConnectionBackoff(jitter: -1), ConnectionBackoff(jitter: 7),
      ConnectionBackoff(multiplier: 0.5),
    ]
    for backoff in backoffs {
      let delays = delays(backoff, [-1, 0, 1, 100], random: .max)
      #expect(delays.allSatisfy { (0...240).contains($0) }, "\(delays)")
    }
  }
}

import CopurTelemetry
import Testing

struct CollectorHealthTests {
  @Test("A collector that is gone is news once, and once more when it is back, with what was lost meanwhile")
  func gone() {
    var health = CollectorHealth()
    #expect(health.took(5, refused: 0, lost: 0) == nil)
    #expect(health.failed(refused: 0, lost: 0) == true)
    #expect(health.failed(refused: 0, lost: 7) == false)
    #expect(health.took(5, refused: 0, lost: 9) == .recovered(lost: 9))
    #expect(health.took(5, refused: 0, lost: 9) == nil)
    #expect(health.counts.sent == 15 && health.counts.refused == 0)
  }

  @Test("A collector that refuses some spans, or is too slow, is news once until it does not any more")
  func refusing() {
    var health = CollectorHealth()
    #expect(health.took(5, refused: 2, lost: 0) == .refuses)
    #expect(health.took(5, refused: 1, lost: 0) == nil)
    #expect(health.took(5, refused: 0, lost: 0) == nil)
    #expect(health.took(5, refused: 1, lost: 0) == .refuses)
    #expect(health.took(5, refused: 0, lost: 3) == .loses)
    #expect(health.took(5, refused: 0, lost: 4) == nil)
    #expect(health.took(5, refused: 0, lost: 4) == nil)
    #expect(health.took(5, refused: 0, lost: 5) == .loses)
    #expect(health.counts.sent == 36 && health.counts.refused == 4)
  }

  @Test("Spans that are refused for good count as refused")
  func final() {
    var health = CollectorHealth()
    #expect(health.failed(refused: 5, lost: 0) == true)
    #expect(health.failed(refused: 6, lost: 0) == false)
    #expect(health.counts.refused == 11 && health.counts.sent == 0)
  }
}

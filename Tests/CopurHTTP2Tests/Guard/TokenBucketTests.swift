import CopurHTTP2
import NIOCore
import Testing

struct TokenBucketTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private func take(_ bucket: inout TokenBucket, amount: Double = 1, at now: NIODeadline) -> Bool {
    bucket.take(amount, at: now)
  }

  @Test("A burst passes at once, then the rate")
  func burstAndRate() {
    var bucket = TokenBucket(burst: 3, perSecond: 2, at: start)
    #expect((0..<4).map { _ in bucket.take(at: start) } == [true, true, true, false])
    #expect(!take(&bucket, at: start + .milliseconds(499)))
    // What was refused took nothing with it, and the half second is not lost.
    #expect(take(&bucket, at: start + .milliseconds(1000)))
    #expect(!take(&bucket, at: start + .milliseconds(1000)))
  }

  @Test("Time alone never gives more than the burst")
  func ceiling() {
    var bucket = TokenBucket(burst: 2, perSecond: 10, at: start)
    let later = start + .hours(1)
    #expect((0..<3).map { _ in bucket.take(at: later) } == [true, true, false])
  }

  @Test("A clock that goes back takes nothing away and gives nothing")
  func backwards() {
    var bucket = TokenBucket(burst: 1, perSecond: 1, at: start)
    #expect(take(&bucket, at: start + .seconds(5)))
    #expect(!take(&bucket, at: start))
    #expect(!take(&bucket, at: start + .milliseconds(5500)))
  }

  @Test("What is given back can be taken again, up to the burst")
  func give() {
    var bucket = TokenBucket(burst: 10, perSecond: 0, at: start)
    #expect(take(&bucket, amount: 8, at: start))
    bucket.give(5)
    #expect(take(&bucket, amount: 7, at: start))
    bucket.give(100)
    #expect(!take(&bucket, amount: 11, at: start))
    bucket.fill()
    #expect(take(&bucket, amount: 10, at: start))
  }
}

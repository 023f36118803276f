import CopurHTTP2
import NIOCore
import Testing

struct ConnectionTimersTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// Timers of a connection whose peer has done what it has to in the beginning.
  private func settled() -> ConnectionTimers {
    var timers = ConnectionTimers(HTTP2Configuration(), at: start)
    timers.settingsReceived()
    timers.settingsAcknowledged()
    return timers
  }

  private func elapsed(
    _ timers: inout ConnectionTimers, at now: NIODeadline, hasStreams: Bool
  ) -> ConnectionTimers.Action? {
    timers.elapsed(at: now, hasStreams: hasStreams)
  }

  private func rule(_ action: ConnectionTimers.Action?) -> HTTP2Rule? {
    if case .close(let violation) = action { violation.rule } else { nil }
  }

  @Test("The preface is due first, then the acknowledgement of SETTINGS")
  func beginning() {
    var timers = ConnectionTimers(HTTP2Configuration(), at: start)
    #expect(timers.nextDeadline == start + .seconds(5))
    #expect(elapsed(&timers, at: start + .milliseconds(4999), hasStreams: false) == nil)
    var late = timers
    #expect(rule(late.elapsed(at: start + .seconds(5), hasStreams: false)) == .prefaceTimeout)
    timers.settingsReceived()
    #expect(timers.nextDeadline == start + .seconds(10))
    #expect(rule(timers.elapsed(at: start + .seconds(10), hasStreams: true)) == .settingsTimeout)
  }

  @Test("A list of headers is timed from its beginning, and bytes in between do not help")
  func headers() {
    var timers = settled()
    for second in 0..<5 { timers.received(headerBlock: 1, at: start + .seconds(Int64(second))) }
    #expect(timers.nextDeadline == start + .seconds(5))
    #expect(rule(timers.elapsed(at: start + .seconds(5), hasStreams: true)) == .headerTimeout)
  }

  @Test("Each list of headers has its own time")
  func moreHeaders() {
    var timers = settled()
    for block in 0..<20 { timers.received(headerBlock: block, at: start + .seconds(Int64(block) * 4)) }
    #expect(elapsed(&timers, at: start + .seconds(80), hasStreams: true) == nil)
    timers.received(headerBlock: nil, at: start + .seconds(80))
    #expect(elapsed(&timers, at: start + .seconds(90), hasStreams: true) == nil)
  }

  @Test("Output that waits has to move: 4 KiB in 30 s")
  func writeStall() {
    var timers = settled()
    timers.outputMade(isWaiting: true, progress: 100, at: start)
    #expect(timers.nextDeadline == start + .seconds(30))
    // A byte now and then is no progress.
    for second in 1..<30 {
      timers.outputMade(isWaiting: true, progress: 100 + second, at: start + .seconds(Int64(second)))
    }
    var dribbling = timers
    #expect(rule(dribbling.elapsed(at: start + .seconds(30), hasStreams: true)) == .writeStall)
    timers.outputMade(isWaiting: true, progress: 100 + 4096, at: start + .seconds(29))
    #expect(elapsed(&timers, at: start + .seconds(58), hasStreams: true) == nil)
    timers.outputMade(isWaiting: false, progress: 5000, at: start + .seconds(58))
    #expect(elapsed(&timers, at: start + .seconds(299), hasStreams: true) == nil)
  }

  @Test("A silent connection without streams is drained after 300 s, any byte puts it off")
  func idle() {
    var timers = settled()
    timers.received(headerBlock: nil, at: start + .seconds(299))
    #expect(elapsed(&timers, at: start + .seconds(300), hasStreams: false) == nil)
    guard case .drain(let violation) = timers.elapsed(at: start + .seconds(599), hasStreams: false) else {
      Issue.record("not drained")
      return
    }
    #expect(violation.rule == .idle)
  }

  @Test("A client that pings every 250 s is never idle")
  func keepAlive() {
    var timers = settled()
    for ping in 1...1000 {
      let now = start + .seconds(Int64(ping) * 250)
      #expect(elapsed(&timers, at: now, hasStreams: false) == nil)
      timers.received(headerBlock: nil, at: now)
    }
  }

  @Test("A silent peer with streams is asked by PING; it lives if it answers and is closed if not")
  func silence() {
    var timers = settled()
    #expect(elapsed(&timers, at: start + .seconds(300), hasStreams: true) == .ping)
    #expect(timers.nextDeadline == start + .seconds(320))
    var alive = timers
    alive.received(headerBlock: nil, at: start + .seconds(301))
    #expect(elapsed(&alive, at: start + .seconds(321), hasStreams: true) == nil)
    #expect(alive.nextDeadline == start + .seconds(601))
    #expect(elapsed(&timers, at: start + .seconds(319), hasStreams: true) == nil)
    #expect(rule(timers.elapsed(at: start + .seconds(320), hasStreams: true)) == .idle)
  }

  @Test("A drain does not wait for ever for the peer's answer")
  func drain() {
    var timers = settled()
    timers.drainAnnounced(at: start)
    #expect(timers.nextDeadline == start + .seconds(20))
    #expect(elapsed(&timers, at: start + .seconds(20), hasStreams: true) == .finishDrain)
    #expect(elapsed(&timers, at: start + .seconds(21), hasStreams: true) == nil)
    var answered = settled()
    answered.drainAnnounced(at: start)
    answered.drainFinished()
    #expect(elapsed(&answered, at: start + .seconds(20), hasStreams: true) == nil)
  }
}

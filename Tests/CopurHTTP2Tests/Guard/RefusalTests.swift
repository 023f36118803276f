import CopurHTTP2
import Foundation
import NIOCore
import Synchronization
import Testing

struct RefusalTests {
  @Test("Every rule has a counter of its own with a name of its own")
  func counters() {
    let reported = Mutex<[HTTP2Rule]>([])
    let refusals = HTTP2Refusals { refusal in reported.withLock { $0.append(refusal.rule) } }
    for (index, rule) in HTTP2Rule.allCases.enumerated() {
      for _ in 0...index {
        refusals.record(HTTP2Refusal(rule: rule, peer: "127.0.0.1:1", endsConnection: true, message: ""))
      }
    }
    #expect(refusals.counts.map(\.count) == Array(1...HTTP2Rule.allCases.count))
    #expect(Set(refusals.counts.map(\.rule)).count == HTTP2Rule.allCases.count)
    let perPeer = HTTP2Rule.allCases.firstIndex(of: .connectionsPerPeer)!
    #expect(refusals.count(of: .connectionsPerPeer) == perPeer + 1)
    #expect(reported.withLock { $0.count } == (1...HTTP2Rule.allCases.count).reduce(0, +))
  }

  @Test("Connections are limited in all and by address, and come back when they are closed")
  func admission() throws {
    var limits = HTTP2Configuration()
    limits.maximumConnections = 3
    limits.maximumConnectionsPerPeer = 2
    let admission = ConnectionAdmission(limits)
    func rule(_ peer: String) -> HTTP2Rule? {
      do throws(ConnectionGuard.Violation) {
        try admission.opened(peer: peer)
        return nil
      } catch {
        return error.rule
      }
    }
    #expect([rule("a"), rule("a"), rule("a")] == [nil, nil, .connectionsPerPeer])
    #expect([rule("b"), rule("c")] == [nil, .connections])
    admission.closed(peer: "a")
    #expect([rule("c"), rule("a")] == [nil, .connections])
    admission.closed(peer: "c")
    #expect(rule("a") == nil)
  }

  /// 4,200 stalled handshakes kept honest agents out for as long as a handshake may take.
  @Test("A stalled TLS handshake gives way to a new one, a young one does not")
  func handshakes() throws {
    var limits = HTTP2Configuration()
    (limits.maximumHandshakes, limits.maximumHandshakesPerPeer) = (3, 2)
    let admission = ConnectionAdmission(limits)
    let closed = Mutex<[String]>([])
    func begin(_ peer: String, _ name: String, at second: Int64) throws(ConnectionGuard.Violation) -> HTTP2Rule? {
      let (_, givingWay) = try admission.handshakeBegan(
        peer: peer, at: .uptimeNanoseconds(1) + .seconds(second), close: { closed.withLock { $0.append(name) } })
      givingWay?.close()
      return givingWay?.violation.rule
    }
    #expect(try begin("a", "1", at: 0) == nil)
    #expect(try begin("a", "2", at: 0) == nil)
    #expect(throws: ConnectionGuard.Violation.self) { try begin("a", "3", at: 0) }
    #expect(try begin("a", "4", at: 1) == .handshakesPerPeer)
    #expect(try begin("b", "5", at: 1) == nil)
    #expect(try begin("c", "6", at: 1) == .handshakes, "the oldest of all")
    #expect(closed.withLock { $0 } == ["1", "2"])
    // Of the five that began, those with the numbers 2, 3 and 4 are left.
    admission.handshakeEnded(2)
    admission.handshakeEnded(2)
    #expect(try begin("c", "7", at: 1) == nil)
    #expect(throws: ConnectionGuard.Violation.self) { try begin("d", "8", at: 1) }
  }

  @Test("A libnghttp2 without the options against known attacks is named with what is missing")
  func library() {
    let error = #expect(throws: HTTP2Error.self) {
      try NGHTTP2Library { name in
        name.hasSuffix("rate_limit") ? UnsafeMutableRawPointer(bitPattern: 8) : nil
      }
    }
    #expect(error?.code == .libraryFailure)
    #expect(error?.message.contains("CVE-2024-28182") == true)
    #expect(error?.message.hasSuffix("missing: nghttp2_option_set_max_continuations)") == true, "\(error!)")
  }

  @Test("The libnghttp2 that is loaded has them")
  func loadedLibrary() throws {
    _ = try HTTP2Session(role: .server)
  }
}

import CopurHTTP2
import Foundation
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
    #expect(refusals.count(of: .connectionsPerPeer) == 2)
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

import CopurGRPC
import CopurHTTP2
import GRPCCore
import Testing

/// The headers of gRPC over HTTP/2, judged without a socket.
struct HeaderTests {
  private static let request = [
    ":method": "POST", ":path": "/a.B/C", "te": "trailers", "content-type": "application/grpc",
  ]

  private func head(_ changes: [String: String?]) -> RequestHead {
    let headers = Self.request.merging(changes.compactMapValues { $0 }) { $1 }
      .filter { changes[$0.key] != .some(nil) }
    return RequestHead(headers.map { HTTP2Header($0.key, $0.value) })
  }

  @Test("A request is understood")
  func request() throws {
    let head = head(["grpc-timeout": "100m", "content-type": "application/grpc+proto", "x-a": "b"])
    guard case .call(let path, let metadata, let timeout) = head else {
      Issue.record("\(head)")
      return
    }
    #expect([path.service, path.method] == ["a.B", "C"])
    #expect(timeout == .milliseconds(100))
    #expect(metadata.map(\.key) == ["x-a"])
  }

  @Test(
    "What is not gRPC is answered with an HTTP status",
    arguments: [
      ([":method": "GET"], 405), (["content-type": "application/json"], 415), (["content-type": nil], 415),
      (["content-type": "application/grpc-web"], 415), (["content-type": "application/grpc+json"], 415),
    ] as [([String: String?], Int)])
  func notGRPC(_ changes: [String: String?], _ status: Int) {
    guard case .notGRPC(status) = head(changes) else {
      Issue.record("\(head(changes))")
      return
    }
  }

  @Test(
    "gRPC that is wrong is answered with a gRPC status",
    arguments: [
      (["te": nil], .invalidArgument, "the header te has to be \"trailers\" (actual: \"\")"),
      (["te": "gzip"], .invalidArgument, "the header te has to be \"trailers\" (actual: \"gzip\")"),
      (["grpc-encoding": "gzip"], .unimplemented, "the header grpc-encoding has to be \"identity\" (actual: \"gzip\")"),
      ([":path": "a.B/C"], .unimplemented, "the path has to be \"/package.Service/Method\" (actual: \"a.B/C\")"),
      ([":path": "/a.B"], .unimplemented, "the path has to be \"/package.Service/Method\" (actual: \"/a.B\")"),
      ([":path": "/a.B/C/D"], .unimplemented, "the path has to be \"/package.Service/Method\" (actual: \"/a.B/C/D\")"),
      ([":path": "//C"], .unimplemented, "the path has to be \"/package.Service/Method\" (actual: \"//C\")"),
      ([":path": "/a.B/"], .unimplemented, "the path has to be \"/package.Service/Method\" (actual: \"/a.B/\")"),
      (
        ["grpc-timeout": "1x"], .internalError,
        "the header grpc-timeout has to be at most 8 digits and one of H M S m u n (actual: \"1x\")"
      ),
    ] as [([String: String?], Status.Code, String)])
  func rejected(_ changes: [String: String?], _ code: Status.Code, _ message: String) {
    guard case .rejected(let status) = head(changes) else {
      Issue.record("\(head(changes))")
      return
    }
    #expect(status.code == code)
    #expect(status.message == message)
  }

  @Test(
    "Timeouts",
    arguments: [
      ("0n", .zero), ("1n", .nanoseconds(1)), ("2u", .microseconds(2)), ("3m", .milliseconds(3)), ("4S", .seconds(4)),
      ("5M", .seconds(300)), ("6H", .seconds(21_600)), ("00000001S", .seconds(1)),
      ("99999999H", .seconds(359_999_996_400)),
      ("", nil), ("S", nil), ("1", nil), ("123456789S", nil), ("-1S", nil), ("+1S", nil), (" 1S", nil), ("1 S", nil),
      ("1s", nil), ("1h", nil), ("1.5S", nil), ("1SS", nil), ("٣S", nil), ("1é", nil),
    ] as [(String, Duration?)])
  func timeout(_ text: String, _ expected: Duration?) {
    #expect(GRPCTimeout.parse(text) == expected)
  }

  @Test(
    "Status messages",
    arguments: [
      ("", ""), ("plain text!", "plain text!"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("äöü", "%C3%A4%C3%B6%C3%BC"),
      ("\u{7f}~ ", "%7F~ "),
    ])
  func statusMessage(_ text: String, _ encoded: String) {
    #expect(GRPCStatusMessage.encode(text) == encoded)
    #expect(GRPCStatusMessage.decode(encoded) == text)
  }

  @Test(
    "A status message that is not encoded properly is shown and not lost",
    arguments: [("50%", "50%"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%41%zz", "A%zz"), ("%FF", "%FF")])
  func malformedStatusMessage(_ encoded: String, _ text: String) {
    #expect(GRPCStatusMessage.decode(encoded) == text)
  }

  @Test(
    "Responses that end before they begin",
    arguments: [
      ([":status": "503"], .unavailable), ([":status": "404"], .unimplemented), ([":status": "401"], .unauthenticated),
      ([":status": "403"], .permissionDenied), ([":status": "400"], .internalError), ([":status": "418"], .unknown),
      ([:], .unknown), ([":status": "200"], .unknown), ([":status": "200", "content-type": "text/html"], .unknown),
      ([":status": "200", "grpc-status": "5"], .notFound), ([":status": "200", "grpc-status": "17"], .unknown),
      ([":status": "200", "grpc-status": "x"], .unknown), ([":status": "503", "grpc-status": "7"], .permissionDenied),
    ] as [([String: String], Status.Code)])
  func trailersOnly(_ headers: [String: String], _ code: Status.Code) {
    let head = ResponseHead(headers.map { HTTP2Header($0.key, $0.value) })
    guard case .status(let status, _) = head else {
      Issue.record("\(head)")
      return
    }
    #expect(status.code == code)
  }

  @Test("Interim responses are passed over")
  func interim() {
    guard case .interim = ResponseHead([HTTP2Header(":status", "103")]) else {
      Issue.record("103 is an interim response")
      return
    }
  }

  @Test("Trailers without a status are an error")
  func trailersWithoutStatus() {
    let (status, metadata) = ResponseHead.trailers([HTTP2Header("a", "b")])
    #expect(status.code == .unknown)
    #expect(metadata.map(\.key) == ["a"])
  }
}

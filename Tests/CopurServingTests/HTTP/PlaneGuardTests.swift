import CopurCore
import CopurServing
import Foundation
import Glibc
import Testing

/// Peers of the HTTP plane that hold connections, do not read or guess.
@Suite(.timeLimit(.minutes(1)))
struct PlaneGuardTests {
  /// 1,024 connections with half a request kept probes, metrics and the dashboard out for 55 s.
  @Test("Who holds more connections without a request than there may be keeps nobody out")
  func heldConnections() async throws {
    let configure: (inout HTTPPlaneConfiguration) -> Void = {
      ($0.maximumConnections, $0.maximumConnectionsPerPeer) = (6, 4)
    }
    try await withPlane(configure: configure) { url, _ in
      let held = try (0..<4).map { _ in try HalfRequest(url) }
      // Nobody gives way before a second has passed, which counts from when the service took the connection.
      let clock = ContinuousClock()
      let end = clock.now + .seconds(8)
      var status: Int?
      while status == nil, clock.now < end {
        try await Task.sleep(for: .milliseconds(200))
        status = try? await get("v2/health/ready", of: url).status
      }
      #expect(status == 200)
      #expect(held.filter(\.isClosed).count == 1, "the one that has waited longest gave way")
      let metrics = try await get("metrics", of: url).body
      let line = try #require(
        metrics.split(separator: "\n").first {
          $0.hasPrefix(#"copur_http_refused_total{rule="connections-per-peer"}"#)
        })
      #expect(!line.hasSuffix(" 0"), "\(line)")
    }
  }

  @Test("A request's head has to come in time")
  func headTimeout() async throws {
    let configure: (inout HTTPPlaneConfiguration) -> Void = { $0.headTimeout = .milliseconds(200) }
    try await withPlane(configure: configure) { url, _ in
      let clock = ContinuousClock()
      let start = clock.now
      let half = try HalfRequest(url)
      // Not a pause of a fixed length: on a busy machine, a short one has lasted longer than the limit.
      while !half.isClosed, clock.now - start < .seconds(30) { try await Task.sleep(for: .milliseconds(5)) }
      #expect(half.isClosed && clock.now - start >= .milliseconds(200))
      #expect(try await get("metrics", of: url).body.contains(#"copur_http_refused_total{rule="head-timeout"} 1"#))
    }
  }

  /// 505 wrong tokens in 2 s were neither counted nor logged nor slowed.
  @Test("Wrong tokens are slowed and counted; the right one is not")
  func wrongTokens() async throws {
    let tokens = try BearerTokens("viewer test 0123456789abcdef", path: "tokens")
    try await withPlane(tokens: tokens) { url, _ in
      let clock = ContinuousClock()
      let start = clock.now
      let refused = try await status("metrics", token: "guess-guess-guess", of: url)
      #expect(refused == 401)
      #expect(clock.now - start >= .milliseconds(500))
      let answer = try await get("metrics", of: url, token: "0123456789abcdef")
      #expect(answer.status == 200)
    }
  }

  /// curl waited for a second before it sent a body.
  @Test("Expect: 100-continue is answered with 100")
  func expectContinue() async throws {
    try await withPlane { url, _ in
      let half = try HalfRequest(
        url, "POST /v2/repository/index HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(await half.readHead().hasPrefix("HTTP/1.1 100 Continue\r\n"))
      half.send("{}")
      #expect(await half.readHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test("JSON beyond its limit is refused before it is read; bodies have a budget in all")
  func bodies() async throws {
    let configure: (inout HTTPPlaneConfiguration) -> Void = { $0.maximumJSONBytes = 1000 }
    try await withPlane(configure: configure) { url, _ in
      let answer = try await post("v2/models/fusion/infer", String(repeating: " ", count: 1001), of: url)
      #expect(answer.status == 413 && answer.body.contains("at most 1000 bytes of JSON"))
    }
  }

  @Test("A model's configuration names its tensors without the batch")
  func configuration() async throws {
    try await withPlane { url, _ in
      let answer = try await get("v2/models/fusion/config", of: url)
      let json = try JSONDecoder().decode([String: JSONValue].self, from: Data(answer.body.utf8))
      #expect(answer.status == 200 && json["name"] == .string("fusion") && json["max_batch_size"] == .number(4096))
      guard case .array(let inputs)? = json["input"], case .object(let first)? = inputs.first else {
        Issue.record("no inputs: \(answer.body)")
        return
      }
      #expect(first["data_type"] == .string("TYPE_FP32"))
      #expect(first["dims"] != nil && first["dims"] != .array([]))
    }
  }
}

/// The status of an answer to a client with a token, by curl: at a 401 `URLSession` asks for another one.
private func status(_ path: String, token: String, of url: URL) async throws -> Int? {
  let curl = Process()
  curl.executableURL = URL(filePath: "/usr/bin/curl")
  curl.arguments = [
    "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer \(token)",
    url.appending(path: path).absoluteString,
  ]
  let output = Pipe()
  curl.standardOutput = output
  // The threads of tasks are few, and the server needs them: nothing waits on one.
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
    curl.terminationHandler = { _ in continuation.resume() }
    do { try curl.run() } catch { continuation.resume(throwing: error) }
  }
  return Int(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self))
}

/// A connection by hand.
private final class HalfRequest: Sendable {
  private let socket: Int32

  init(_ url: URL, _ text: String = "GET /metrics HTTP/1.1\r\n") throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(try #require(url.port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    send(text)
  }

  deinit { close(socket) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// The next head, up to its empty line, waiting for it off the threads of tasks, which the server needs. It may come in
  /// any pieces.
  func readHead() async -> String {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "half a request").async { [self] in
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), recv(socket, &byte, 1, 0) == 1 { head.append(byte) }
        continuation.resume(returning: String(decoding: head, as: UTF8.self))
      }
    }
  }

  /// Whether the other end has closed the connection.
  var isClosed: Bool {
    var byte: UInt8 = 0
    let count = recv(socket, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
    return count == 0 || count < 0 && errno != EAGAIN
  }
}

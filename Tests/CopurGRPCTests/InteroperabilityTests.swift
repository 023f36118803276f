import CopurGRPC
import CopurTLS
import Foundation
import GRPCCore
import Testing

/// Our server with clients that others wrote: curl, nghttp and OpenSSL's.
@Suite(.timeLimit(.minutes(1)))
struct InteroperabilityTests {
  private let curl = Tool(name: "curl")
  private let nghttp = Tool(name: "nghttp")
  private let openssl = Tool(name: "openssl")

  /// A message and its prefix, as a file.
  private func requestFile(in directory: String) throws -> String {
    let path = "\(directory)/request-\(UUID()).bin"
    try Data([0, 0, 0, 0, 5] + Array("hello".utf8)).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func curlArguments(_ certificates: DevelopmentCertificates) -> [String] {
    let agent = certificates.agent("time")
    return [
      "--silent", "--show-error", "--verbose", "--noproxy", "*", "--cacert", certificates.ca, "--cert", agent.chain,
      "--key", agent.key,
    ]
  }

  @Test("curl negotiates HTTP/2 and TLS 1.3, calls a method and sees the trailers")
  func curlCall() async throws {
    let certificates = try TestCertificates.shared.get()
    let file = try requestFile(in: certificates.directory)
    try await withServer(certificates) { _, address in
      let outcome = try await curl.run(
        curlArguments(certificates) + [
          "--http2", "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "@\(file)",
          "--output", "\(file).out", "https://localhost:\(address.port)/test.Echo/Get",
        ])
      #expect(outcome.status == 0, "\(outcome.output)")
      for line in ["ALPN: server accepted h2", "TLSv1.3", "< HTTP/2 200", "< grpc-status: 0"] {
        #expect(outcome.output.contains(line), "\(line) in \(outcome.output)")
      }
      let answer = try Data(contentsOf: URL(fileURLWithPath: "\(file).out"))
      #expect(Array(answer) == [0, 0, 0, 0, 5] + Array("hello".utf8))
    }
  }

  @Test(
    "What is not gRPC gets an HTTP status",
    arguments: [
      (["--get"], 405), (["--data", "{}", "-H", "content-type: application/json"], 415),
      (["--data", "{}", "-H", "content-type:"], 415),
    ])
  func notGRPC(_ options: [String], _ status: Int) async throws {
    let certificates = try TestCertificates.shared.get()
    try await withServer(certificates) { _, address in
      let outcome = try await curl.run(
        curlArguments(certificates) + options + ["--http2", "https://localhost:\(address.port)/test.Echo/Get"])
      #expect(outcome.output.contains("< HTTP/2 \(status)"), "\(outcome.output)")
    }
  }

  @Test(
    "Old protocols are refused in the handshake, and the server goes on",
    arguments: [["--tls-max", "1.2"], ["--http1.1"], ["--no-alpn", "--http1.1"]])
  func oldProtocols(_ options: [String]) async throws {
    let certificates = try TestCertificates.shared.get()
    try await withServer(certificates) { _, address in
      let arguments = curlArguments(certificates)
      let url = "https://localhost:\(address.port)/test.Echo/Get"
      let refused = try await curl.run(arguments + options + [url])
      // 35: the handshake failed; 52, 56: the connection was closed without an answer.
      #expect([35, 52, 56].contains(refused.status), "\(refused.status): \(refused.output)")
      #expect(!refused.output.contains("< HTTP"))
      let served = try await curl.run(arguments + ["--http2", url])
      #expect(served.output.contains("< HTTP/2 405"), "\(served.output)")
    }
  }

  @Test("OpenSSL's client is told what is wrong with its protocol")
  func opensslAlert() async throws {
    let certificates = try TestCertificates.shared.get()
    try await withServer(certificates) { _, address in
      let address = ["s_client", "-connect", "127.0.0.1:\(address.port)"]
      let protocols = try await openssl.run(address + ["-alpn", "http/1.1"])
      #expect(protocols.output.contains("no application protocol"), "\(protocols.output)")
      let version = try await openssl.run(address + ["-alpn", "h2", "-tls1_2"])
      #expect(version.output.contains("protocol version"), "\(version.output)")
      let tickets = try await openssl.run(address + ["-alpn", "h2"])
      #expect(tickets.output.contains("ALPN protocol: h2"), "\(tickets.output)")
      #expect(!tickets.output.contains("Post-Handshake New Session Ticket"), "\(tickets.output)")
    }
  }

  @Test("nghttp sees our SETTINGS, a response and its trailers", arguments: Security.allCases)
  func nghttpCall(_ security: Security) async throws {
    let certificates = try TestCertificates.shared.get()
    let file = try requestFile(in: certificates.directory)
    let agent = certificates.agent("time")
    try await withServer(security == .mutualTLS ? certificates : nil) { _, address in
      let scheme = security == .mutualTLS ? "https" : "http"
      let outcome = try await nghttp.run([
        "--null-out", "--verbose", "--cert", agent.chain, "--key", agent.key, "-H", "content-type: application/grpc",
        "-H", "te: trailers", "--data", file, "\(scheme)://127.0.0.1:\(address.port)/test.Echo/Get",
      ])
      #expect(outcome.status == 0)
      for line in [
        "SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100", "SETTINGS_INITIAL_WINDOW_SIZE(0x04):1048576", ":status: 200",
        "grpc-status: 0", "; END_STREAM",
      ] {
        #expect(outcome.output.contains(line), "\(line) in \(outcome.output)")
      }
    }
  }
}

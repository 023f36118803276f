import CopurLaunch
import CopurScenarios
import CopurTLS
import Foundation
import Testing

extension ProcessTests {
  /// HTTP/2 clients that others wrote, against `copur serve`.
  struct ForeignHTTP2Tests {
    @Test("nghttp: TLS, ALPN h2, our SETTINGS, a status, and no protocol error", .timeLimit(.minutes(1)))
    func nghttp() async throws {
      let tool = try Programs.system("nghttp")
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let port = try await center.listening().port
        let client = workshop.certificates.client("client")
        let finished = try await run(
          tool, ["-nv", "https://127.0.0.1:\(port)/", "--cert", client.chain, "--key", client.key])
        #expect(finished.code == 0)
        #expect(finished.output.contains("The negotiated protocol: h2"), "\(finished.output)")
        #expect(finished.output.contains("recv SETTINGS frame"))
        // No gRPC request.
        #expect(finished.output.contains("recv (stream_id=13) :status: 405"))
        let errors = finished.output.split(separator: "\n").filter { $0.contains("error_code=") }
        #expect(errors.allSatisfy { $0.contains("error_code=NO_ERROR") }, "\(errors)")
        #expect(center.entry.isAlive)
      }
    }

    @Test("RFC 9113 and RFC 7541, case by case, by frames of a client that shares no code", .timeLimit(.minutes(2)))
    func conformance() async throws {
      let workshop = try await Workshop.shared.value
      let script = Programs.package.appending(path: "Tests/copurTests/Clients/http2_conformance.py").path
      try await withProgram(Programs.copur(), ["serve", workshop.bundle, "--grpc", "127.0.0.1:0", "--insecure"]) {
        center in
        let port = try await center.listening().port
        let finished = try await run(Programs.python(), [script, "127.0.0.1:\(port)"])
        let line = try #require(finished.output.split(separator: "\n").last, "\(finished.errors)")
        let cases = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(cases.count == 93)
        for (name, outcome) in cases { #expect(outcome == "kept", "\(name)") }
        #expect(center.entry.isAlive)
      }
    }

    @Test("curl: TLS 1.3, ALPN h2, a certificate that names the host", .timeLimit(.minutes(1)))
    func curl() async throws {
      let tool = try Programs.system("curl")
      let workshop = try await Workshop.shared.value
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let port = try await center.listening().port
        let client = workshop.certificates.client("client")
        let trusted = ["--http2", "-sv", "--cacert", workshop.certificates.ca, "https://localhost:\(port)/"]
        let finished = try await run(tool, trusted + ["--cert", client.chain, "--key", client.key])
        #expect(finished.code == 0)
        #expect(finished.errors.contains("SSL connection using TLSv1.3"), "\(finished.errors)")
        #expect(
          finished.errors.contains("ALPN: server accepted h2") || finished.errors.contains("ALPN, server accepted"))
        #expect(finished.errors.contains("SSL certificate verify ok"))
        #expect(finished.errors.contains("< HTTP/2 405"))

        let stranger = try await run(tool, trusted)
        #expect(stranger.code != 0, "a client without a certificate is turned away")
        let older = try await run(tool, trusted + ["--cert", client.chain, "--key", client.key, "--tls-max", "1.2"])
        #expect(older.code == 35, "TLS 1.2 is refused in the handshake: \(older.errors)")
        #expect(center.entry.isAlive)
      }
    }
  }
}

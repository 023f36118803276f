import CopurLaunch
import CopurScenarios
import CopurTLS
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// SIGHUP: certificates are read again.
  struct RotationTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// A copy of the workshop's certificates, for a test that replaces them.
    private func certificates() async throws -> DevelopmentCertificates {
      let original = try await Workshop.shared.value.certificates.directory
      try FileManager.default.copyItem(atPath: original, toPath: folder.path("certificates"))
      return DevelopmentCertificates(directory: folder.path("certificates"))
    }

    /// The serial number of the certificate that a server shows.
    private func serialNumber(ofServerAt port: Int, _ client: DevelopmentCertificates) async throws -> String {
      let pair = client.client("client")
      let script = """
        openssl s_client -connect 127.0.0.1:\(port) -alpn h2 -cert \(pair.chain) -key \(pair.key) </dev/null 2>/dev/null \
          | openssl x509 -noout -serial
        """
      let finished = try await run("/bin/bash", ["-c", script])
      #expect(finished.output.hasPrefix("serial="), "\(finished.errors)")
      return finished.output
    }

    private func replace(_ file: String, with other: String) throws {
      try Data(contentsOf: URL(filePath: other)).write(to: URL(filePath: file))
    }

    private func copy(of file: String) throws -> String {
      let copy = folder.path(UUID().uuidString)
      try FileManager.default.copyItem(atPath: file, toPath: copy)
      return copy
    }

    @Test("New connections get the new pair; a bad pair leaves the old one in use", .timeLimit(.minutes(1)))
    func server() async throws {
      let workshop = try await Workshop.shared.value
      let own = try await certificates()
      let newer = try DevelopmentCertificates.make(in: folder.path("newer"), agents: ["top-left"])
      let now = Date()
      let expired = try DevelopmentCertificates.make(
        in: folder.path("expired"), agents: [],
        validity: now.addingTimeInterval(-7200)..<now.addingTimeInterval(-3600))
      let serve = ["serve", workshop.bundle, "--grpc", "127.0.0.1:0"] + workshop.tls(own.server, own.ca)
      try await withProgram(Programs.copur(), serve) { center in
        let port = try await center.listening().port
        let idle = workshop.agent("top-left", to: port, ["--simulation", "127.0.0.1:0"])
        try await withProgram(Programs.copur(), idle) { agent in
          try await agent.errors.line(containing: "joined")
          let first = try await serialNumber(ofServerAt: port, workshop.certificates)
          var failures = 0
          for (chain, key) in [
            (newer.server.chain, own.server.key), (expired.server.chain, expired.server.key),
            (workshop.bundle + "/bundle.json", own.server.key), (nil, own.server.key),
          ] {
            let keptChain = try copy(of: own.server.chain)
            let keptKey = try copy(of: own.server.key)
            if let chain { try replace(own.server.chain, with: chain) } else { unlink(own.server.chain) }
            try replace(own.server.key, with: key)
            center.send(SIGHUP)
            failures += 1
            try await eventually {
              center.errors.lines.count { $0.contains("the certificates cannot be used and the old ones stay") }
                == failures
            }
            #expect(try await serialNumber(ofServerAt: port, workshop.certificates) == first)
            try replace(own.server.key, with: keptKey)
            try replace(own.server.chain, with: keptChain)
          }
          // A new authority with it: those of the old one are turned away, and have a line each.
          for (file, other) in [
            (own.server.chain, newer.server.chain), (own.server.key, newer.server.key), (own.ca, newer.ca),
          ] { try replace(file, with: other) }
          center.send(SIGHUP)
          try await center.errors.line(containing: "new connections use the certificates that were read again")
          #expect(try await serialNumber(ofServerAt: port, newer) != first)
          let stranger = try await run(
            Programs.copur(),
            ["agent", workshop.bundle, "--agent", "top-left", "--connect", "https://127.0.0.1:\(port)"]
              + workshop.tls(newer.agent("top-left"), newer.ca))
          #expect(stranger.code == 0 && stranger.output.contains("200 accepted"), "\(stranger.errors)")
          // Who was connected before has noticed nothing.
          #expect(agent.entry.isAlive && !agent.errors.text.contains("lost"), "\(agent.errors.text)")
          _ = try await run(
            "/bin/bash",
            [
              "-c",
              """
              openssl s_client -connect 127.0.0.1:\(port) -alpn h2 -cert \(workshop.certificates.client("client").chain) \
                -key \(workshop.certificates.client("client").key) </dev/null
              """,
            ])
          let line = try await center.errors.line(containing: "access refused")
          #expect(line.contains(#""reason":"handshake""#) && line.contains("ipv4:127.0.0.1"), "\(line)")
        }
        center.send(SIGTERM)
        try await expectEnding(of: center, .exited(0))
      }
    }

    @Test("A certificate that is not valid any more does not start a service: 78", .timeLimit(.minutes(1)))
    func expired() async throws {
      let workshop = try await Workshop.shared.value
      let now = Date()
      let expired = try DevelopmentCertificates.make(
        in: folder.path("expired"), agents: [],
        validity: now.addingTimeInterval(-7200)..<now.addingTimeInterval(-3600))
      let finished = try await run(
        Programs.copur(),
        ["serve", workshop.bundle, "--grpc", "127.0.0.1:0"] + workshop.tls(expired.server, expired.ca))
      #expect(finished.code == 78)
      #expect(
        finished.errors.contains("the certificate is not valid now (O = copur development, CN = copur server, from: "),
        "\(finished.errors)")
    }
  }
}

import CopurLaunch
import CopurTLS
import Foundation
import Testing

extension ProcessTests {
  /// `copur doctor`: each fault is planted, and seen by its name.
  struct DoctorTests {
    private let folder: TestFolder
    private let workshop: Workshop

    init() async throws {
      folder = try TestFolder()
      workshop = try await Workshop.shared.value
    }

    private struct Finding: Decodable {
      var subject, state, message: String
      var remedy: String?
      var exitStatus: Int32?
    }

    /// The doctor's findings that are not well, but for the clock, which nobody may keep where tests run.
    ///
    /// - Parameter shell: Commands before it, in bash.
    private func examine(
      _ options: [String], environment: [String: String] = [:], shell: String = "", program: String? = nil
    ) async throws -> (findings: [Finding], code: Int32?) {
      let variables = ["XDG_CACHE_HOME": folder.path("cache")].merging(environment) { $1 }
      let finished = try await run(
        Programs.system("bash"),
        ["-c", "\(shell)\nexec \"$@\"", "_", try program ?? Programs.copur(), "doctor", "--json"]
          + (options.contains("--data") ? [] : ["--quick"])
          + (options.contains("--port") ? [] : ["--port", "127.0.0.1:0"]) + options,
        environment: variables)
      #expect(finished.errors == "")
      let findings = try finished.output.split(separator: "\n").map {
        try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
      }
      #expect(findings.count >= 10)
      for finding in findings {
        #expect(
          (finding.remedy == nil) == (finding.state == "ok")
            && (finding.exitStatus == nil) == (finding.state != "fault"))
      }
      let bad = findings.filter { $0.state != "ok" && !($0.subject == "clock" && $0.state == "warning") }
      return (bad, finished.code)
    }

    /// Expects one finding, and the exit code of a fault.
    private func expect(
      _ subject: String, _ code: Int32, _ words: String, _ options: [String], environment: [String: String] = [:],
      shell: String = "", program: String? = nil, at location: SourceLocation = #_sourceLocation
    ) async throws {
      let (findings, actual) = try await examine(
        options, environment: environment, shell: shell, program: program)
      #expect(actual == code, "\(findings)", sourceLocation: location)
      #expect(
        findings.count == 1 && findings[0].subject == subject && findings[0].message.contains(words)
          && findings[0].state == (code == 0 ? "warning" : "fault"), "\(findings)", sourceLocation: location)
    }

    @Test("A sound machine, bundle and certificates: 0, and a line for each", .timeLimit(.minutes(1)))
    func sound() async throws {
      let (findings, code) = try await examine([
        "--bundle", workshop.bundle, "--certificates", workshop.certificates.directory, "--host", "localhost", "--host",
        "127.0.0.1",
      ])
      #expect(findings.isEmpty && code == 0, "\(findings)")
      let text = try await run(
        Programs.copur(), ["doctor", "--quick", "--port", "127.0.0.1:0"],
        environment: ["XDG_CACHE_HOME": folder.path("c")])
      #expect(text.output.contains("ok       http2        nghttp2 1.") && text.output.contains("\n0 faults, "))
    }

    @Test("Processors, open files, the kernel and the clock", .timeLimit(.minutes(1)))
    func machine() async throws {
      try await expect("processors", 0, "there is 1", [], shell: "taskset -cp 0 $$ >/dev/null")
      try await expect("descriptors", 69, "allowed: 60", [], shell: "ulimit -n 60")
      try await expect("kernel", 0, "kernel Nehalem", [], environment: ["OPENBLAS_CORETYPE": "Nehalem"])
      // A program that will be made in ten days.
      let later = folder.path("copur")
      try FileManager.default.copyItem(atPath: Programs.copur(), toPath: later)
      try FileManager.default.setAttributes(
        [.modificationDate: Date().addingTimeInterval(10 * 86_400)], ofItemAtPath: later)
      try await expect(
        "clock", 78, "before this program was made", [],
        environment: ["LD_LIBRARY_PATH": URL(filePath: try Programs.copur()).deletingLastPathComponent().path],
        program: later)
    }

    @Test("Folders that cannot be written, and file systems that are none for a journal", .timeLimit(.minutes(1)))
    func folders() async throws {
      try await expect("temporary", 73, "/proc cannot be written", [], environment: ["TMPDIR": "/proc"])
      try await expect(
        "cache", 73, "/dev/null/copur/bundles is no folder", [], environment: ["XDG_CACHE_HOME": "/dev/null"])
      try await expect("journal", 0, "/dev/shm lies in tmpfs", ["--journal", "/dev/shm/rounds.sqlite"])
      try await expect(
        "journal", 73, "folder is not there", ["--journal", "sqlite:\(folder.path("none/rounds.sqlite"))"])
      let small = folder.path("small")
      let (findings, code) = try await examine(
        ["--journal", "\(small)/rounds.sqlite"],
        shell:
          "exec unshare --mount bash -c 'mkdir \(small); mount -t tmpfs -o size=8m none \(small); exec \"$@\"' _ \"$@\""
      )
      #expect(code == 74 && findings.map(\.state) == ["fault", "warning"], "\(findings)")
      #expect(findings.first?.message.contains("64 are needed") == true, "\(findings)")
    }

    @Test("A port that another one has, and an address of another machine", .timeLimit(.minutes(1)))
    func ports() async throws {
      try await withProgram(Programs.copur(), workshop.serve()) { center in
        let port = "127.0.0.1:\(try await center.listening().port)"
        try await expect("port", 69, "\(port) cannot be listened on: Address already in use", ["--port", port])
      }
      try await expect("port", 69, "Cannot assign requested address", ["--port", "192.0.2.1:8001"])
      try await expect("port", 69, "cannot be listened on", ["--port", "no-such-host.invalid:8001"])
    }

    @Test("Data sets that are damaged or not there", .timeLimit(.minutes(1)))
    func data() async throws {
      try await expect("data", 66, "is a folder", ["--data", folder.path("none")])
      let system = "/usr/share/datasets/fashion-mnist"
      for name in try FileManager.default.contentsOfDirectory(atPath: system) where name.hasSuffix(".gz") {
        let whole = try Data(contentsOf: URL(filePath: "\(system)/\(name)"))
        let isDamaged = name.hasPrefix("t10k-images")
        try folder.write(Array(isDamaged ? whole.prefix(whole.count / 2) : whole), to: "data/fashion-mnist/\(name)")
      }
      try await expect("data", 65, "t10k-images", ["--data", folder.path("data")])
    }

    @Test("A bundle that was changed, and certificates that its agents lack", .timeLimit(.minutes(1)))
    func bundle() async throws {
      for name in ["bundle.json", "weights.safetensors"] {
        var bytes = Array(try Data(contentsOf: URL(filePath: "\(workshop.bundle)/\(name)")))
        if name.hasPrefix("weights") { bytes[bytes.count - 1] ^= 1 }
        try folder.write(bytes, to: "changed/\(name)")
      }
      try await expect("bundle", 65, "weights.safetensors was changed", ["--bundle", folder.path("changed")])
      let some = try DevelopmentCertificates.make(
        in: folder.path("some"), agents: Array(SmallScenario.agents.dropLast()))
      let (findings, code) = try await examine(["--bundle", workshop.bundle, "--certificates", some.directory])
      #expect(code == 66 && findings.count == 1, "\(findings)")
      #expect(findings.first?.message.contains("agent-bottom-right.pem") == true, "\(findings)")
    }

    @Test("Certificates: times, keys, names and authorities", .timeLimit(.minutes(1)))
    func certificates() async throws {
      let now = Date()
      func made(_ name: String, from: Double = -1, to: Double = 90) throws -> DevelopmentCertificates {
        try DevelopmentCertificates.make(
          in: folder.path(name), agents: ["a", "b"], clients: [], viewers: [], admins: [],
          validity: now.addingTimeInterval(from * 86_400)..<now.addingTimeInterval(to * 86_400))
      }
      func expectEach(_ words: String, _ code: Int32, _ certificates: DevelopmentCertificates) async throws {
        let (findings, actual) = try await examine(["--certificates", certificates.directory])
        #expect(actual == code && findings.count == 3, "\(findings)")
        #expect(findings.allSatisfy { $0.subject == "certificates" && $0.message.contains(words) }, "\(findings)")
      }
      try await expectEach("ended", 78, made("over", from: -30, to: -1))
      try await expectEach("is valid from", 78, made("early", from: 0.5))
      try await expectEach("2 days left", 0, made("soon", to: 3))
      // One thing at a time in a sound folder.
      func expectOne(
        _ words: String, _ code: Int32, options: [String] = [], _ plant: (DevelopmentCertificates) throws -> Void
      ) async throws {
        let certificates = try made(UUID().uuidString)
        try plant(certificates)
        try await expect("certificates", code, words, ["--certificates", certificates.directory] + options)
      }
      let manager = FileManager.default
      func replace(_ path: String, by other: String) throws {
        try manager.removeItem(atPath: path)
        try manager.copyItem(atPath: other, toPath: path)
      }
      try await expectOne("the key does not belong to", 78) { try replace($0.agent("a").key, by: $0.agent("b").key) }
      try await expectOne("everybody on this machine may read it (mode 0644)", 0) {
        try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: $0.server.key)
      }
      try await expectOne("agent-a.key: No such file", 66) { try manager.removeItem(atPath: $0.agent("a").key) }
      try await expectOne("a certificate in PEM", 65) {
        try Data("no".utf8).write(to: URL(filePath: $0.agent("a").chain))
      }
      try await expectOne("does not name the host copur", 78, options: ["--host", "copur", "--host", "localhost"]) {
        _ in
      }
      try await expectOne("names spiffe://copur/agent/b, not agent/a", 78) {
        try replace($0.agent("a").chain, by: $0.agent("b").chain)
        try replace($0.agent("a").key, by: $0.agent("b").key)
      }
      let other = try made("other")
      try await expectOne("is not believed by who trusts", 78) {
        try replace($0.agent("a").chain, by: other.agent("a").chain)
        try replace($0.agent("a").key, by: other.agent("a").key)
      }
      let files = try made("files")
      try await expect(
        "certificates", 78, "the key does not belong to",
        [
          "--tls-certificate", files.server.chain, "--tls-key", files.agent("a").key, "--tls-ca", files.ca,
        ])
    }

    @Test("Lists of revoked certificates: who is in one, whose it is, and how old", .timeLimit(.minutes(1)))
    func revocations() async throws {
      let path = folder.path("revoked")
      let certificates = try DevelopmentCertificates.make(in: path, agents: ["a", "b"], viewers: [], admins: [])
      let revoked = try await run(Programs.copur(), ["certs", "revoke", path, certificates.agent("a").chain])
      #expect(revoked.code == 0, "\(revoked.errors)")
      try await expect("certificates", 78, "agent-a.pem: is revoked", ["--certificates", path])
      // Of another authority, or ended: said of every certificate, since each is refused.
      let others = try DevelopmentCertificates.make(in: folder.path("others"), agents: ["a"])
      func list(_ authority: DevelopmentCertificates.Pair, from: Int, to: Int) async throws {
        let script = """
          import datetime, sys
          from cryptography import x509
          from cryptography.hazmat.primitives import hashes, serialization
          ca = x509.load_pem_x509_certificate(open(sys.argv[1], "rb").read())
          key = serialization.load_pem_private_key(open(sys.argv[2], "rb").read(), None)
          day, now = datetime.timedelta(days=1), datetime.datetime.now(datetime.timezone.utc)
          builder = x509.CertificateRevocationListBuilder().issuer_name(ca.subject)
          builder = builder.last_update(now + int(sys.argv[4]) * day).next_update(now + int(sys.argv[5]) * day)
          open(sys.argv[3], "wb").write(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
          """
        let made = try await run(
          Programs.python(), ["-c", script, authority.chain, authority.key, "\(path)/crl.pem", "\(from)", "\(to)"])
        #expect(made.code == 0, "\(made.errors)")
      }
      for (from, to, code, words) in [
        (-90, -1, Int32(78), "so that everybody is refused"), (-80, 10, 0, "is 80 days old and ends in 9"),
      ] {
        try await list(certificates.authority, from: from, to: to)
        let (findings, actual) = try await examine(["--certificates", path])
        #expect(actual == code && findings.count == 4, "\(findings)")
        #expect(findings.allSatisfy { $0.message.contains(words) }, "\(findings)")
      }
      // Authorities of `copur certs` have one name, so that a list is told from another's by its signature.
      try await list(others.authority, from: -1, to: 80)
      let (findings, code) = try await examine(["--certificates", path])
      #expect(
        code == 78 && findings.allSatisfy { $0.message.contains("has no list of the authority that signed it") },
        "\(findings)")
    }
  }
}

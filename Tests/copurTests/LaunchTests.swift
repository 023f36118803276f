import CopurGRPC
import CopurLaunch
import CopurTLS
import CopurWire
import Foundation
import GRPCCore
import Testing

extension ProcessTests {
  /// Launchers and processes that host several agents.
  struct LaunchTests {
    private let folder: TestFolder
    private let scenario: String

    init() throws {
      folder = try TestFolder()
      scenario = try folder.write(SmallScenario().text, to: "small.yaml")
    }

    private func predictions(_ options: [String], to out: String, environment: [String: String] = [:]) async throws
      -> Data
    {
      let workshop = try await Workshop.shared.value
      let finished = try await run(
        Programs.copur(),
        ["run", scenario, "--out", folder.path(out), "--predictions", "--cache", workshop.cache] + options,
        environment: environment)
      #expect(finished.code == 0, "\(finished.errors)")
      return try Data(contentsOf: URL(filePath: folder.path("\(out)/predictions.csv")))
    }

    @Test("Agents in processes of one, of three and in one for all: the same predictions", .timeLimit(.minutes(2)))
    func hosted() async throws {
      let expected = try await predictions(["--in-process"], to: "local")
      for count in ["1", "3", "4"] {
        #expect(try await predictions(["--agents-per-process", count], to: "of-\(count)") == expected)
      }
    }

    /// A stand-in for ssh that has a shell read the command, as the real one does, on this machine.
    @Test("Over ssh, with files copied and nothing left behind: the same predictions", .timeLimit(.minutes(2)))
    func ssh() async throws {
      let calls = folder.path("calls")
      let stand = try folder.write(
        """
        #!/bin/sh
        while [ "$1" != "--" ]; do host=$last; last=$1; shift; done
        shift
        echo "$last" >> '\(calls)'
        echo "a greeting of the machine's shell"
        exec sh -c "$*"
        """, to: "ssh")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stand)
      let temporary = folder.path("tmp")
      try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      let environment = [
        "PATH": "\(URL(filePath: stand).deletingLastPathComponent().path):\(path)", "TMPDIR": temporary,
      ]
      let expected = try await predictions(["--in-process"], to: "local")
      let networked = try await predictions(
        ["--launcher", "ssh", "--hosts", "one=127.0.0.1,ann@two=127.0.0.1", "--agents-per-process", "2"], to: "ssh-run",
        environment: environment)
      #expect(networked == expected)
      #expect(Set(folder.lines(of: "calls")) == ["one", "ann@two"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
    }

    @Test(
      "An option that a launcher has no use for, or lacks, is named",
      arguments: [
        (["--hosts", "a"], "--hosts is for the launchers slurm, ssh (launcher: local)"),
        (["--launcher", "ssh"], "--hosts: the launcher ssh has the key \"hosts\" (actual: it is missing)"),
        (["--launcher", "ssh", "--hosts", "a", "--shared-folder", "/not/there"], "/not/there: the folder"),
      ])
    func options(options: [String], message: String) async throws {
      let finished = try await run(Programs.copur(), ["run", scenario] + options)
      #expect([64, 66].contains(finished.code) && finished.errors.contains(message), "\(finished.errors)")
    }

    @Test("Agents obey the role driver alone", .timeLimit(.minutes(1)))
    func driverAlone() async throws {
      let workshop = try await Workshop.shared.value
      let certificates = try DevelopmentCertificates.make(
        in: folder.path("certificates"), agents: SmallScenario.agents, drivers: ["d"], simulations: ["p"])
      let hosted = [
        "agent", workshop.bundle, "--agents", SmallScenario.agents.joined(separator: ","), "--connect",
        "https://127.0.0.1:9", "--simulation", "127.0.0.1:0", "--simulation-certificate",
        certificates.simulation("p").chain, "--simulation-key", certificates.simulation("p").key, "--tls-certificate",
        certificates.agent("{agent}").chain, "--tls-key", certificates.agent("{agent}").key, "--tls-ca",
        certificates.ca,
      ]
      try await withProgram(Programs.copur(), hosted) { process in
        let port = try await process.listening().port
        let others = [certificates.client("client"), certificates.admin("admin"), certificates.agent("top-left")]
        for pair in others {
          #expect(try await self.compromise("top-left", port: port, as: pair, certificates) == .permissionDenied)
        }
        let driver = certificates.driver("d")
        #expect(try await self.compromise("top-left", port: port, as: driver, certificates) == nil)
        #expect(try await self.compromise("nobody", port: port, as: driver, certificates) == .notFound)
        #expect(try await self.compromise("", port: port, as: driver, certificates) == .notFound)
        // Another process's name is not this one's.
        let elsewhere = try await self.compromise("top-left", port: port, as: driver, certificates, name: "q")
        #expect(elsewhere == .unauthenticated)
      }
    }

    /// Tells an agent to be silent; the code of the refusal, if there is one.
    private func compromise(
      _ agent: String, port: Int, as pair: DevelopmentCertificates.Pair, _ certificates: DevelopmentCertificates,
      name: String = "p"
    ) async throws -> RPCError.Code? {
      let transport = HTTP2ClientTransport(
        host: "127.0.0.1", port: port,
        tls: try TLSContext.client(trustRoots: certificates.ca, certificateChain: pair.chain, privateKey: pair.key),
        serverName: DevelopmentCertificates.simulationServerName(name))
      return try await withGRPCClient(transport: transport) { client in
        var request = Copur_V1_CompromiseRequest()
        request.session = "s"
        request.agent = agent
        request.silent = .init()
        do {
          _ = try await Copur_V1_Simulation.Client(wrapping: client).compromise(request)
          return nil
        } catch let error as RPCError {
          return error.code
        }
      }
    }
  }
}

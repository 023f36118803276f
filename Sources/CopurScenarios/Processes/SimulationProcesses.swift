internal import CopurCore
internal import CopurDefenses
internal import CopurGRPC
internal import CopurTLS
internal import Foundation
internal import GRPCCore
internal import Synchronization

/// One fusion center and one process an agent, on this machine, over mutual TLS with certificates of their own.
struct SimulationProcesses: Sendable {
  let executable: String
  let bundle: ModelBundle
  let bundleFolder: URL
  let rounds: RoundSettings
  let defenses: [DefenseSpec]
  /// The data folder that the user named; the processes also see the environment.
  let data: String?
  /// Where logs go; nil for a temporary folder.
  let logs: URL?
  /// How long a process may take to say where it listens; agents read their data before.
  let startLimit: Duration
  /// Where the fusion center serves its dashboard; nil: nowhere.
  let http: String?

  /// How long the death of a process may take to be seen after a call to it broke.
  private static let timeToSayWhy = Duration.seconds(2)

  private typealias Client = GRPCClient<HTTP2ClientTransport>

  /// Starts all processes, lets a closure play trials on them, and ends them, however the closure ends.
  ///
  /// - Parameters:
  ///   - body: Gets the stage once every process is ready, and where the dashboard is.
  ///   - replayed: Called when samples are played again because agents were late.
  /// - Throws: What the closure throws; ``CopurError`` if a process ends first, naming it and why.
  func run(
    _ body: @escaping @Sendable (NetworkStage, _ dashboard: String?) async throws -> Void,
    replayed: @escaping @Sendable (Trial, Int, [String]) -> Void
  ) async throws {
    let files = FileManager.default
    let scratch = files.temporaryDirectory.appending(path: "copur-run-\(UUID().uuidString)")
    let logs = logs ?? scratch
    defer { try? files.removeItem(at: scratch) }
    try files.createDirectory(
      at: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try files.createDirectory(at: logs, withIntermediateDirectories: true)
    let certificates = try DevelopmentCertificates.make(
      in: scratch.path, agents: bundle.roster.agents.map(\.name), clients: ["driver"], viewers: [], admins: [])

    let start = ProcessStart(limit: startLimit)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      let (center, dashboard) = try await start.ready(
        ChildProcess(
          name: "fusion center", executable: executable,
          arguments: [
            "serve", bundleFolder.path, "--grpc", "127.0.0.1:0", "--deadline", milliseconds(rounds.deadline),
            "--quorum", "\(rounds.quorum)", "--journal", scratch.appending(path: "journal.sqlite").path,
            "--stop-with-parent",
          ]
            + defenses.flatMap { ["--defense", $0.argument] } + certifyArguments
            + (http.map { ["--http", $0, "--http-plaintext", "--labels"] } ?? [])
            + (http != nil ? data.map { ["--data", $0] } ?? [] : []) + tlsArguments(certificates.server, certificates),
          log: logs.appending(path: "fusion-center.log")), awaitsPage: http != nil, in: &group)
      var agents: [(AgentID, ReadyLine)] = []
      var starting: [(AgentID, ProcessStart.Started)] = []
      for agent in bundle.roster.agents {
        let process = ChildProcess(
          name: "agent \(agent)", executable: executable,
          arguments: [
            "agent", bundleFolder.path, "--agent", agent.name, "--connect",
            "https://\(center.host):\(center.port)", "--simulation", "127.0.0.1:0", "--stop-with-parent",
          ]
            + (data.map { ["--data", $0] } ?? []) + tlsArguments(certificates.agent(agent.name), certificates),
          log: logs.appending(path: "agent-\(agent).log"))
        starting.append((agent, start.launch(process, in: &group)))
      }
      for (agent, started) in starting { agents.append((agent, try await start.ready(started, in: &group).address)) }

      let driver = certificates.client("driver")
      let centerClient = Client(
        transport: HTTP2ClientTransport(
          host: center.host, port: center.port,
          tls: try TLSContext.client(
            trustRoots: certificates.ca, certificateChain: driver.chain, privateKey: driver.key),
          serverName: "localhost"))
      let agentClients = agents.map { agent, address in
        (agent, Client(transport: HTTP2ClientTransport(host: address.host, port: address.port, tls: nil)))
      }
      let clients = [centerClient] + agentClients.map(\.1)
      for client in clients {
        group.addTask {
          try await client.runConnections()
          return false
        }
      }
      // Every process has read its keys by now. A run that is killed outright can remove nothing afterwards.
      for key in [certificates.authority.key, certificates.server.key, driver.key]
        + bundle.roster.agents.map({ certificates.agent($0.name).key })
      {
        try files.removeItem(atPath: key)
      }
      let stage = NetworkStage(
        center: centerClient, agents: Dictionary(uniqueKeysWithValues: agentClients), roster: bundle.roster,
        replayed: replayed)
      group.addTask {
        do {
          try await body(stage, dashboard)
        } catch {
          // A process that dies breaks calls first; its own task, which says which and why, is given the time to.
          try await Task.sleep(for: Self.timeToSayWhy)
          throw error
        }
        return true
      }
      // The first to end decides: the closure, or a process that died.
      while let finished = try await group.next() {
        if finished { break }
      }
      for client in clients { client.beginGracefulShutdown() }
      group.cancelAll()
    }
  }

  private var certifyArguments: [String] {
    switch rounds.certification {
    case .cheap: []
    case .always: ["--certify"]
    case .never: ["--no-certify"]
    }
  }

  private func tlsArguments(
    _ pair: DevelopmentCertificates.Pair, _ certificates: DevelopmentCertificates
  ) -> [String] {
    ["--tls-certificate", pair.chain, "--tls-key", pair.key, "--tls-ca", certificates.ca]
  }

  private func milliseconds(_ duration: Duration) -> String { "\(duration / .milliseconds(1))ms" }
}

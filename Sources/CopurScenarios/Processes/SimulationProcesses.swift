internal import CopurCore
internal import CopurDefenses
internal import CopurGRPC
internal import CopurLaunch
internal import CopurTLS
internal import Foundation
internal import GRPCCore

/// One fusion center and processes that host agents, on this machine or others, over mutual TLS with certificates of their
/// own.
struct SimulationProcesses: Sendable {
  let launcher: any Launcher
  /// The number of agents that a process hosts, at least 1.
  let agentsInProcess: Int
  let executable: String
  let bundle: ModelBundle
  let bundleFolder: URL
  /// The number of test rows that the agents have.
  let rows: Int
  let rounds: RoundSettings
  let defenses: [DefenseSpec]
  /// The data folder that the user named; the processes also see the environment.
  let data: String?
  /// The folder of the scenario, beside which it may name files; nil for the working directory.
  let scenarioFolder: String?
  /// The folder of logs; nil for a temporary one.
  let logs: URL?
  /// The time that a process may take to say where it listens; agents read their data before.
  let startLimit: Duration
  /// The scenario's name, which the dashboard shows: a bundle may have been trained by another.
  let name: String
  /// The address of the fusion center's dashboard; nil: none.
  let http: String?
  /// Whether the rounds' deadline of many agents follows what they take, rather than be the scenario's.
  var measuresDeadline = false

  /// The number of processes.
  var count: Int { 1 + (bundle.roster.count + agentsInProcess - 1) / agentsInProcess }

  /// The longest that rounds wait where the deadline follows the agents.
  private static let longestDeadline = Duration.seconds(30)

  /// The time that the death of a process may take to be seen after a call to it broke.
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
    let folder = try HostFolder(named: "run", for: launcher)
    let logs = logs ?? folder.url
    try files.createDirectory(at: logs, withIntermediateDirectories: true)
    do {
      try await run(in: folder, logs: logs, body, replayed: replayed)
    } catch {
      await folder.remove()
      throw error
    }
    await folder.remove()
  }

  private func run(
    in folder: HostFolder, logs: URL,
    _ body: @escaping @Sendable (NetworkStage, _ dashboard: String?) async throws -> Void,
    replayed: @escaping @Sendable (Trial, Int, [String]) -> Void
  ) async throws {
    let groups = agentGroups
    let certificates = try DevelopmentCertificates.make(
      in: folder.url.path, agents: bundle.roster.agents.map(\.name), clients: [], viewers: [], admins: [],
      drivers: [Self.driver], simulations: groups.indices.map(Self.processName))
    var bundleFolder = bundleFolder
    if !launcher.isLocal {
      bundleFolder = folder.url.appending(path: "bundle")
      try FileManager.default.copyItem(at: self.bundleFolder, to: bundleFolder)
    }
    try await folder.distribute()
    let start = ProcessStart(limit: startLimit, skipsOtherLines: !launcher.isLocal)
    try await withThrowingTaskGroup(of: Bool.self) { [bundleFolder] group in
      let (center, dashboard) = try await start.ready(
        ChildProcess(
          name: "fusion center",
          command: command(
            centerArguments(in: folder.url, bundle: bundleFolder, certificates: certificates), on: launcher.centerHost),
          log: logs.appending(path: "fusion-center.log")), awaitsPage: http != nil, in: &group)
      let centerHost = launcher.centerHost
      var starting: [(number: Int, ProcessStart.Started)] = []
      for (number, agents) in groups.enumerated() {
        let host = launcher.agentHost(number)
        let arguments = agentArguments(
          number, agents, bundle: bundleFolder, center: centerHost.authority(port: center.port), on: host,
          certificates: certificates)
        let name = agents.count == 1 ? "agent-\(agents[0])" : Self.processName(number)
        let process = ChildProcess(
          name: agents.count == 1 ? "agent \(agents[0])" : "process of \(AgentNames.words(agents.map(\.name)))",
          command: command(arguments, on: host), log: logs.appending(path: "\(name).log"))
        starting.append((number, start.launch(process, in: &group)))
      }
      let context = try driverContext(certificates)
      let centerClient = Client(
        transport: HTTP2ClientTransport(
          host: centerHost.address, port: center.port, tls: context, serverName: "localhost"))
      var hosted: [(client: Client, agents: [AgentID])] = []
      for (number, started) in starting {
        let ready = try await start.ready(started, in: &group).address
        let client = Client(
          transport: HTTP2ClientTransport(
            host: launcher.agentHost(number).address, port: ready.port, tls: context,
            serverName: DevelopmentCertificates.simulationServerName(Self.processName(number))))
        hosted.append((client, groups[number]))
      }
      let clients = [centerClient] + hosted.map(\.client)
      for client in clients {
        group.addTask {
          try await client.runConnections()
          return false
        }
      }
      // Every process has read its keys by now. A run that is killed outright can remove nothing afterwards.
      try await folder.remove(
        ([certificates.authority, certificates.server, certificates.driver(Self.driver)]
          + bundle.roster.agents.map { certificates.agent($0.name) }
          + groups.indices.map { certificates.simulation(Self.processName($0)) }).map(\.key))
      let stage = NetworkStage(
        center: centerClient, agents: HostedAgents(hosted), roster: bundle.roster, rows: rows, replayed: replayed)
      let measures = isDeadlineMeasured
      group.addTask {
        do {
          if measures { try await stage.warmUp() }
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

  /// The agents of each process, in the roster's order.
  private var agentGroups: [[AgentID]] {
    stride(from: 0, to: bundle.roster.count, by: agentsInProcess).map {
      Array(bundle.roster.agents[$0..<min($0 + agentsInProcess, bundle.roster.count)])
    }
  }

  private static func processName(_ number: Int) -> String { "agents-\(number)" }

  private static let driver = "driver"

  private func driverContext(_ certificates: DevelopmentCertificates) throws -> TLSContext {
    let driver = certificates.driver(Self.driver)
    return try TLSContext.client(trustRoots: certificates.ca, certificateChain: driver.chain, privateKey: driver.key)
  }

  /// A command of this machine that starts the program on a host.
  private func command(_ arguments: [String], on host: LaunchHost) -> [String] {
    launcher.command([launcher.program ?? executable] + arguments, on: host)
  }

  private var isDeadlineMeasured: Bool {
    measuresDeadline && bundle.roster.count > LaunchSettings.processesOfTheirOwn
  }

  private func centerArguments(
    in folder: URL, bundle bundleFolder: URL, certificates: DevelopmentCertificates
  ) -> [String] {
    let deadline = isDeadlineMeasured ? Self.longestDeadline : rounds.deadline
    var arguments = [
      "serve", bundleFolder.path, "--grpc", launcher.centerHost.listeningArgument, "--deadline", milliseconds(deadline),
      "--quorum", "\(rounds.quorum)", "--stop-with-parent",
    ]
    if isDeadlineMeasured { arguments += ["--shortest-deadline", milliseconds(rounds.deadline)] }
    // Files of SQLite do not lie in folders of other machines.
    if launcher.isLocal { arguments += ["--journal", folder.appending(path: "journal.sqlite").path] }
    // All agents come at once, from a few addresses.
    let connections = bundle.roster.count + 64
    for (option, limit) in [
      ("--max-connections", 4096), ("--max-connections-per-peer", 2048), ("--max-handshakes-per-peer", 512),
    ] where connections > limit {
      arguments += [option, "\(connections)"]
    }
    arguments += defenses.flatMap { ["--defense", $0.argument] } + certifyArguments
    if let http {
      arguments += ["--http", http, "--http-plaintext", "--labels", "--dashboard-name=\(name)"] + dataArguments
    }
    return arguments + tlsArguments(certificates.server, certificates)
  }

  private func agentArguments(
    _ number: Int, _ agents: [AgentID], bundle bundleFolder: URL, center: String, on host: LaunchHost,
    certificates: DevelopmentCertificates
  ) -> [String] {
    let simulation = certificates.simulation(Self.processName(number))
    return [
      "agent", bundleFolder.path, agents.count == 1 ? "--agent" : "--agents", agents.map(\.name).joined(separator: ","),
      "--connect",
      "https://\(center)", "--server-name", "localhost", "--simulation", host.listeningArgument,
      "--simulation-certificate", simulation.chain, "--simulation-key", simulation.key, "--stop-with-parent",
    ] + (bundle.givenExtractor != nil ? ["--trust-extractor"] : []) + dataArguments
      + tlsArguments(certificates.agent("{agent}"), certificates)
  }

  private var dataArguments: [String] {
    [("--data", data), ("--scenario-folder", scenarioFolder)].flatMap { option, folder in
      folder.map { [option, URL(filePath: $0).absoluteURL.path] } ?? []
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

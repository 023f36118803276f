public import CopurCore
internal import CopurLaunch
internal import CopurTLS
public import CopurTraining
public import Foundation

/// A training over the network on this machine: a fusion center that has the labels, and a process an agent that has a file
/// with its own columns, over mutual TLS with certificates of their own.
public struct TrainingProcesses: Sendable {
  /// The program, which is started for each of them.
  public let executable: String
  /// What the fusion center is started with behind `train`, such as the scenario; the rest is added.
  public let arguments: [String]
  /// What each agent is started with, besides.
  public let agentArguments: [String]
  /// The folder for the agents' models, one a folder of its own.
  public let agentsFolder: URL
  /// How long a process may take to say where it listens.
  public let startLimit = Duration.seconds(60)

  /// - Parameters:
  ///   - executable: The program, which is started for each of them.
  ///   - arguments: What the fusion center is started with behind `train`.
  ///   - agentArguments: What each agent is started with, besides.
  ///   - agentsFolder: The folder for the agents' models.
  public init(executable: String, arguments: [String], agentArguments: [String], agentsFolder: URL) {
    self.executable = executable
    self.arguments = arguments
    self.agentArguments = agentArguments
    self.agentsFolder = agentsFolder
  }

  /// Trains on a data set's training rows, and ends all processes, however that goes. Where a simulation has spoiled some,
  /// agents also get those that they standardise by.
  ///
  /// - Parameters:
  ///   - observed: Called now and then with how far the training is.
  ///   - served: Called with the address of the fusion center's dashboard, if it has one.
  ///   - printed: Called with each line that the fusion center prints.
  /// - Throws: ``CopurError`` if a process ends before its time, naming it and why.
  public func train(
    on dataset: Dataset, observed: @escaping @Sendable (TrainingProgress) -> Void = { _ in },
    served: @escaping @Sendable (String) -> Void = { _ in }, printed: @escaping @Sendable (String) -> Void
  ) async throws {
    let folder = try ScratchFolder("train")
    defer { withExtendedLifetime(folder) {} }
    let scratch = folder.url
    let agents = dataset.roster.agents
    let certificates = try DevelopmentCertificates.make(
      in: scratch.path, agents: agents.map(\.name), clients: [], viewers: [], admins: [])
    let secret = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
    try DurableFile.write(secret, to: scratch.appending(path: "secret"))
    let tables = PartyTables(dataset: dataset)
    try DurableFile.write(
      tables.labels(digest: try KeyedDigest(secret: secret)), to: scratch.appending(path: "labels.csv"))
    let isPoisoned = dataset.train.poisoned != nil
    for agent in agents.indices {
      try DurableFile.write(tables.features(of: agent), to: scratch.appending(path: "\(agents[agent]).csv"))
      guard isPoisoned else { continue }
      try DurableFile.write(
        tables.features(of: agent, isHonest: true), to: scratch.appending(path: "\(agents[agent])-honest.csv"))
    }
    let start = ProcessStart(limit: startLimit)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      let (center, _) = try await start.ready(
        start.launch(
          ChildProcess(
            name: "fusion center",
            command: [executable, "train"] + arguments + [
              "--listen", "127.0.0.1:0", "--labels", scratch.appending(path: "labels.csv").path, "--stop-with-parent",
            ] + tlsArguments(certificates.server, certificates),
            log: scratch.appending(path: "fusion-center.log")), mayEnd: true, in: &group
        ) { line in
          if let line = ProgressLine(parsing: line) {
            observed(line.progress)
          } else if let page = ReadyLine.page(in: line) {
            served(page)
          } else if (try? ReadyLine(parsing: line)) == nil {
            printed(line)
          }
        }, in: &group)
      for agent in agents {
        _ = start.launch(
          ChildProcess(
            name: "agent \(agent)",
            command: [
              executable, "agent", "--agent", agent.name, "--connect", "https://\(center.host):\(center.port)",
              "--server-name",
              "localhost", "--rows", scratch.appending(path: "\(agent).csv").path, "--key", PartyTables.key,
              "--secret", scratch.appending(path: "secret").path, "--out",
              agentsFolder.appending(path: agent.name).path,
              "--backoff-base", "100ms", "--play-attacks", "--stop-with-parent",
            ] + (isPoisoned ? ["--honest-rows", scratch.appending(path: "\(agent)-honest.csv").path] : [])
              + agentArguments + tlsArguments(certificates.agent(agent.name), certificates),
            log: scratch.appending(path: "agent-\(agent).log")), mayEnd: true, in: &group)
      }
      // Each process ends by itself; what else ends here is the wait for its start.
      var running = agents.count + 1
      while running > 0, let isProcess = try await group.next() {
        if isProcess { running -= 1 }
      }
      group.cancelAll()
    }
  }

  private func tlsArguments(
    _ pair: DevelopmentCertificates.Pair, _ certificates: DevelopmentCertificates
  ) -> [String] {
    ["--tls-certificate", pair.chain, "--tls-key", pair.key, "--tls-ca", certificates.ca]
  }
}

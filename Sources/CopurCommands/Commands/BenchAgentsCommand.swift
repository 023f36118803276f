import ArgumentParser
import CopurAgent
import CopurCore
import CopurGRPC
import CopurNumerics
import CopurScenarios
import CopurTLS
import Foundation

/// The agents' side of `copur bench network`: a process with one agent or several, told by its standard input when to send.
struct BenchAgentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agents", abstract: "Agents of a network benchmark.", shouldDisplay: false)

  /// How many agents of a process may be on their way to their first receipt.
  private static let startingAtOnce = 32

  @Argument var bundle: String
  @Option var first: Int
  @Option var count: Int
  @Option var seed: UInt64
  @Option var port: Int
  @Option var certificates: String
  @Option var batch: Int
  @Option var inFlight: Int
  @Option var rate: Double?
  @Option var folder: String

  @OptionGroup var logs: LogOptions

  @OptionGroup var kernelOptions: KernelOptions

  func run() async throws {
    try await reporting {
      let logger = logs.logger("copur.bench.agents")
      let bundle = try ModelBundle(reading: URL(filePath: bundle))
      let model = SyntheticModel(
        agents: bundle.roster.count, dim: bundle.roster.layout.widths[0], manifold: .linear, seed: seed)
      let embeddings = try model.embeddings(of: first..<first + count, by: bundle)
      let board = try ProgressBoard(path: "\(folder)/progress", agents: bundle.roster.count)
      let certificates = DevelopmentCertificates(directory: certificates)
      let agents = try (first..<first + count).map { index in
        let id = bundle.roster.agents[index]
        let pair = certificates.agent(id.name)
        let context = try TLSContext.client(
          trustRoots: certificates.ca, certificateChain: pair.chain, privateKey: pair.key)
        var configuration = AgentConfiguration(id: id, width: model.dim, modelVersion: bundle.modelVersion)
        configuration.window = inFlight
        let port = port
        let agent = Agent(configuration: configuration, logger: logger) {
          HTTP2ClientTransport(
            host: "127.0.0.1", port: port, tls: context, serverName: "localhost",
            eventLoopGroup: EventLoopExecutor.shared.eventLoop)
        }
        let load = AgentLoad(
          sender: agent, embeddings: embeddings[index - first], index: index, batch: batch, inFlight: inFlight,
          board: board)
        return (agent, load)
      }
      // One thread, so that an agent's messages wake no other.
      try await withTaskExecutorPreference(EventLoopExecutor.shared) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          try await connect(agents, in: &group)
          try await perform(agents.map(\.1))
          for (agent, _) in agents { agent.stop() }
          try await group.waitForAll()
        }
      }
    }
  }

  private func perform(_ loads: [AgentLoad]) async throws {
    try Terminal.print("connected")
    let times = (await nextLine() ?? "").split(separator: " ").compactMap { Int64($0) }
    guard times.count == 2 else { throw CopurError(.protocolViolation, "a benchmark says when to begin and end") }
    let (start, end, rate) = (times[0], times[1], rate)
    try await MonotonicTime.sleep(until: start)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await each(loads) { load in
          if let rate {
            try await load.pace(rate, from: start, until: end)
          } else {
            try await load.saturate(until: end)
          }
        }
      }
      // A benchmark that was killed ends its agents, who would go on to look for its fusion center.
      group.addTask {
        if await nextLine() == nil { throw CopurError(.unavailable, "the benchmark is gone") }
      }
      try await group.next()
      for (offset, load) in loads.enumerated() {
        try load.times.write(to: URL(filePath: "\(folder)/times-\(first + offset)"))
      }
      try Terminal.print("done")
      // The other side ends it, so that no agent's going disturbs another's last blocks: the group waits for that.
    }
  }

  /// Starts agents, a few at a time, until the first block of each has its receipt; gives up after a minute and then some,
  /// as each handshake takes time.
  ///
  /// Thousands that begin at once all wait for each other's handshakes, until time runs out for most and they begin anew.
  private func connect<Transport>(
    _ agents: [(Agent<Transport>, AgentLoad)], in group: inout ThrowingTaskGroup<Void, any Error>
  ) async throws {
    let (places, place) = AsyncThrowingStream.makeStream(of: Void.self)
    for _ in 0..<Self.startingAtOnce { place.yield() }
    let patience = Duration.seconds(60) + .milliseconds(50) * agents.count
    let timer = Task {
      try await Task.sleep(for: patience)
      let connected = agents.count { $0.1.isConnected }
      place.finish(
        throwing: CopurError(
          .unavailable, "\(connected) of \(agents.count) agents are connected after \(Int(patience / .seconds(1))) s"))
    }
    defer { timer.cancel() }
    var free = places.makeAsyncIterator()
    for (agent, load) in agents {
      _ = try await free.next()
      group.addTask { try await agent.run() }
      group.addTask {
        do {
          try await load.connect()
          place.yield()
        } catch {
          place.finish(throwing: error)
        }
      }
    }
    for _ in 0..<Self.startingAtOnce { _ = try await free.next() }
  }

  /// The next line of standard input; nil at its end, or once the task is cancelled. Reading blocks, so it has a thread of its own,
  /// which nothing waits for: an error of the agents is told although no line comes any more.
  private func nextLine() async -> String? {
    let (lines, line) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
      if let text = readLine() { line.yield(text) }
      line.finish()
    }
    return await lines.first { _ in true }
  }

  private func each(_ loads: [AgentLoad], _ body: @escaping @Sendable (AgentLoad) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for load in loads { group.addTask { try await body(load) } }
      try await group.waitForAll()
    }
  }
}

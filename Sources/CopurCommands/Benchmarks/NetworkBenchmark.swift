import CopurCore
import CopurFusionCenter
import CopurGRPC
import CopurHTTP2
import CopurLaunch
import CopurScenarios
import CopurTLS
import CopurWire
import Foundation
import GRPCCore

/// A fusion center and its agents as processes of their own on this machine: mutual TLS, a journal on disk.
struct NetworkBenchmark: Sendable {
  /// The first second is not counted: connections, caches and the journal's file get going.
  static let warmUp: Int64 = 1_000_000_000

  let model: SyntheticModel
  /// The number of processes that the agents are spread over.
  let processes: Int
  /// Samples a message.
  let batch: Int
  /// The most blocks without a receipt, an agent.
  let inFlight: Int
  /// The time that is counted.
  let seconds: Double
  /// Further options of `copur serve`.
  let serveOptions: [String]
  /// This program.
  let executable: String
  /// Holds everything; the caller removes it.
  let folder: URL

  private var bundle: URL { folder.appending(path: "bundle") }
  private var certificates: DevelopmentCertificates {
    DevelopmentCertificates(directory: folder.appending(path: "certificates").path)
  }

  /// Makes the model and the certificates of all measurements.
  func prepare() throws {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try model.bundle().write(to: bundle)
    _ = try DevelopmentCertificates.make(
      in: certificates.directory, agents: model.names, hosts: ["localhost", "127.0.0.1"])
  }

  /// Starts all processes, measures, and ends them.
  ///
  /// - Parameters:
  ///   - journal: Where blocks are stored.
  ///   - rate: Rounds a second to offer; nil: as many as receipts allow.
  func measure(_ journal: BenchJournal, rate: Double? = nil) async throws -> NetworkBenchLine {
    let scratch = folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    return try await journal.withNew(in: scratch) { try await measure(journal: $0, rate: rate, in: scratch) }
  }

  private func measure(journal: String, rate: Double?, in scratch: URL) async throws -> NetworkBenchLine {
    let center = try startCenter(journal: journal, in: scratch)
    defer { center.kill() }
    let port = try ReadyLine(parsing: try await center.line()).port
    let agents = try startAgents(port: port, rate: rate, in: scratch)
    defer { for process in agents { process.kill() } }
    let log = VerdictLog()
    let line = try await withThrowingTaskGroup(of: NetworkBenchLine?.self) { group in
      let (watching, isWatching) = AsyncStream.makeStream(of: Void.self)
      group.addTask {
        try await watch(port: port, into: log) { isWatching.finish() }
        return nil
      }
      group.addTask {
        for await _ in watching {}
        return try await measure(center, agents, log, rate: rate, in: scratch)
      }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      throw CopurError(.unavailable, "the fusion center ended the stream of verdicts")
    }
    try await center.end()
    let report = try await JournalRegistry.known.reader(at: JournalLocation(journal)).verify()
    guard report.faultCount == 0 else {
      throw CopurError(.invalidData, "the benchmark's journal has faults (first: \(report.faults[0]))")
    }
    var result = line
    result.journalBytes = report.bytesPerRound
    return result
  }

  private func startCenter(journal: String, in scratch: URL) throws -> BenchProcess {
    let pair = certificates.server
    return try BenchProcess(
      "fusion center", executable: executable,
      arguments: [
        "serve", bundle.path, "--grpc", "127.0.0.1:0", "--journal", journal,
        "--tls-certificate", pair.chain, "--tls-key", pair.key, "--tls-ca", certificates.ca, "--stop-with-parent",
        "--log-level", "warning",
      ] + connectionLimits + serveOptions, log: scratch.appending(path: "center.log"))
  }

  /// Limits that let all agents in, who come at once and from one address, where the defaults are lower.
  private var connectionLimits: [String] {
    let (defaults, connections) = (HTTP2Configuration(), model.agents + 64)
    return [
      ("--max-connections", defaults.maximumConnections),
      ("--max-connections-per-peer", defaults.maximumConnectionsPerPeer),
      ("--max-handshakes-per-peer", defaults.maximumHandshakesPerPeer),
    ].filter { connections > $0.1 }.flatMap { [$0.0, "\(connections)"] }
  }

  private func startAgents(port: Int, rate: Double?, in scratch: URL) throws -> [BenchProcess] {
    try (0..<processes).map { process in
      let (first, end) = (process * model.agents / processes, (process + 1) * model.agents / processes)
      return try BenchProcess(
        "agents' process \(process + 1)", executable: executable,
        arguments: [
          "bench", "agents", bundle.path, "--first", "\(first)", "--count", "\(end - first)", "--seed",
          "\(model.seed)", "--port", "\(port)", "--certificates", certificates.directory, "--batch", "\(batch)",
          "--in-flight", "\(inFlight)", "--folder", scratch.path, "--log-level", "warning",
        ] + (rate.map { ["--rate", "\($0)"] } ?? []),
        log: scratch.appending(path: "agents-\(process).log"))
    }
  }

  /// Notes when verdicts come, until the task is cancelled.
  private func watch(port: Int, into log: VerdictLog, began: @escaping @Sendable () -> Void) async throws {
    let viewer = certificates.viewer("viewer")
    let context = try TLSContext.client(
      trustRoots: certificates.ca, certificateChain: viewer.chain, privateKey: viewer.key)
    try await withGRPCClient(
      transport: HTTP2ClientTransport(host: "127.0.0.1", port: port, tls: context, serverName: "localhost")
    ) { client in
      var request = Copur_V1_WatchRequest()
      request.session = AgentLoad.session
      try await Copur_V1_FusionCenter.Client(wrapping: client).watch(request) { response in
        for try await message in response.messages {
          began()
          log.received(message.verdicts, at: MonotonicTime.now)
        }
      }
    }
  }

  private func measure(
    _ center: BenchProcess, _ agents: [BenchProcess], _ log: VerdictLog, rate: Double?, in scratch: URL
  ) async throws -> NetworkBenchLine {
    for process in agents {
      guard try await process.line() == "connected" else {
        throw CopurError(.protocolViolation, "an agents' process says \"connected\" first")
      }
    }
    let start = MonotonicTime.now + 100_000_000
    let window = start + Self.warmUp..<start + Self.warmUp + Int64(1e9 * seconds)
    for process in agents { try process.say("\(start) \(window.upperBound)") }
    try await MonotonicTime.sleep(until: window.lowerBound)
    let before = (center: try center.usage, agents: try agents.map { try $0.usage })
    try await MonotonicTime.sleep(until: window.upperBound)
    let after = (center: try center.usage, agents: try agents.map { try $0.usage })
    for process in agents { _ = try await process.line() }
    for process in agents { try await process.end() }

    var times = try BlockTimes(reading: scratch.appending(path: "times-0"))
    for agent in 1..<max(1, model.agents) {
      times.formLatest(with: try BlockTimes(reading: scratch.appending(path: "times-\(agent)")))
    }
    var line = NetworkBenchLine(engine: "copur", roundsPerSecond: 0)
    line.describe(times, verdicts: log.times, in: window)
    let rounds = max(1, line.roundsPerSecond * seconds)
    (line.agents, line.batch, line.inFlight) = (model.agents, batch, inFlight)
    line.offeredRoundsPerSecond = rate
    line.incompleteRounds = log.incomplete
    line.memory = Double(after.center.residentBytes) / 1e6
    line.peakMemory = Double(after.center.peakResidentBytes) / 1e6
    line.centerCPU = 1e6 * (after.center.cpuSeconds - before.center.cpuSeconds) / rounds
    line.agentsCPU =
      1e6 * zip(after.agents, before.agents).reduce(0) { $0 + $1.0.cpuSeconds - $1.1.cpuSeconds } / rounds
    return line
  }
}

extension NetworkBenchLine {
  /// Rates and delays of the rounds that were decided in a window.
  fileprivate mutating func describe(_ times: BlockTimes, verdicts: [Int64], in window: Range<Int64>) {
    var (toVerdict, toReceipt): ([Int64], [Int64]) = ([], [])
    for (sample, verdict) in verdicts.enumerated() where window.contains(verdict) {
      toVerdict.append(sample < times.sent.count ? verdict - times.sent[sample] : 0)
      if sample < times.received.count, times.received[sample] > 0 {
        toReceipt.append(times.received[sample] - times.sent[sample])
      }
    }
    roundsPerSecond = Double(toVerdict.count) / (Double(window.upperBound - window.lowerBound) / 1e9)
    samplesPerSecond = roundsPerSecond
    (p50, p99) = (Self.quantile(0.5, of: toVerdict), Self.quantile(0.99, of: toVerdict))
    (receiptP50, receiptP99) = (Self.quantile(0.5, of: toReceipt), Self.quantile(0.99, of: toReceipt))
  }

  /// In milliseconds: the smallest time that no less than this part of them reaches.
  private static func quantile(_ part: Double, of times: [Int64]) -> Double? {
    guard !times.isEmpty else { return nil }
    let position = Int((part * Double(times.count)).rounded(.up)) - 1
    return Double(times.sorted()[max(0, position)]) / 1e6
  }
}

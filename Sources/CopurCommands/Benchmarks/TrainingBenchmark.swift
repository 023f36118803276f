import CopurAgent
import CopurCore
import CopurFusionCenter
import CopurGRPC
import CopurJointTraining
import CopurLearning
import CopurNumerics
import CopurScenarios
import CopurServing
import CopurTLS
import CopurTraining
import Foundation
import GRPCCore
import Logging
import Synchronization

/// Joint training measured: in this process, and with a process an agent over mutual TLS.
struct TrainingBenchmark: Sendable {
  /// An engine that is measured.
  enum Engine: String, Sendable {
    case inProcess = "in-process"
    case synchronous = "network"
    case asynchronous = "network, asynchronous"
  }

  let agents: Int
  let features: Int
  let rows: Int
  let settings: TrainingSettings
  let seed: UInt64
  /// The time that one of the agents waits before each answer; nil for no slow agent.
  let delay: Duration?

  /// A loss at a time.
  struct Point: Sendable {
    var seconds: Double
    var epoch: Int
    var loss: Float
  }

  struct Measurement: Sendable {
    /// Batches of all agents, or as many contacts.
    var batches: Int
    var seconds: Double
    /// Of the center, and of all agents.
    var centerSeconds = 0.0
    var agentSeconds = 0.0
    /// Bytes over the center's connections, both ways, with TLS and HTTP/2.
    var bytes = 0
    var curve: [Point] = []
  }

  /// Labels that follow from what all agents see together.
  private var dataset: Dataset {
    get throws {
      var generator = SeededGenerator(seed: seed, purpose: "benchmark of training")
      let labels = (0..<rows).map { _ in generator.uniform() < 0.5 ? 1 : 0 }
      let width = agents * features
      var matrix = generator.normalMatrix(rows: rows, columns: width)
      for row in 0..<rows {
        for column in 0..<width where labels[row] == 1 { matrix[row, column] += 0.1 }
      }
      let names = try (1...agents).map { try AgentID("agent-\($0)") }
      let train = LabelledRows(features: matrix, labels: labels)
      return Dataset(
        name: "benchmark", roster: try AgentRoster(agents: names, widths: names.map { _ in features }),
        featureNames: (0..<width).map { "feature-\($0)" }, classNames: ["0", "1"], train: train,
        test: train.selecting(0..<1), digest: "")
    }
  }

  private func settings(for engine: Engine) -> TrainingSettings {
    var settings = settings
    if engine == .asynchronous {
      var exchange = settings.exchange ?? JointExchange()
      exchange.mode = .asynchronous
      settings.exchange = exchange
    }
    return settings
  }

  private var batches: Int { settings.epochs * ((rows + settings.batch - 1) / settings.batch) }

  /// Measures one engine.
  func measure(_ engine: Engine, executable: String) async throws -> Measurement {
    let dataset = try dataset
    guard engine != .inProcess else {
      return try await measured(TrainingRows(dataset), engine: engine) { _ in (0, 0) }
    }
    let folder = try ScratchFolder("bench")
    defer { withExtendedLifetime(folder) {} }
    let scratch = folder.url
    let names = dataset.roster.agents.map(\.name)
    let certificates = try DevelopmentCertificates.make(
      in: scratch.path, agents: names, clients: [], viewers: [], admins: [])
    let secret = Data((0..<32).map { UInt8($0) })
    try DurableFile.write(secret, to: scratch.appending(path: "secret"))
    let tables = PartyTables(dataset: dataset)
    let digest = try KeyedDigest(secret: secret)
    for (index, name) in names.enumerated() {
      try DurableFile.write(tables.features(of: index), to: scratch.appending(path: "\(name).csv"))
    }
    var logger = Logger(label: "copur.bench")
    logger.logLevel = .error
    var configuration = TrainingCenterConfiguration(
      agents: dataset.roster.agents, classNames: dataset.classNames, silence: .never, purpose: UUID().uuidString)
    configuration.executor = EventLoopExecutor.shared
    let center = try TrainingCenter(
      configuration,
      keys: try LabelledKeys(
        digests: (0..<rows).map { digest.digest(of: "\($0)") }, labels: dataset.train.labels), logger: logger)
    let access = AccessControl(
      table: TrainingService.accessTable,
      identification: .certificates {
        ($0.transportSpecific as? PeerIdentity)?.certificate.map { PeerCredentials($0) }
      },
      logger: logger)
    let transport = try HTTP2ServerTransport(
      host: "127.0.0.1", port: 0,
      tls: try TLSContext.server(
        certificateChain: certificates.server.chain, privateKey: certificates.server.key, trustRoots: certificates.ca,
        clientCertificate: .required),
      eventLoopGroup: EventLoopExecutor.shared.eventLoop)
    let server = GRPCServer(
      transport: transport, router: try access.router(of: [TrainingService(center, access: access)]))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      let address = try await transport.listeningAddress
      let processes = try names.enumerated().map { index, name in
        try BenchProcess(
          "agent \(name)", executable: executable,
          arguments: [
            "agent", "--agent", name, "--connect", "https://127.0.0.1:\(address.port)", "--rows",
            scratch.appending(path: "\(name).csv").path, "--key", PartyTables.key, "--secret",
            scratch.appending(path: "secret").path, "--out", scratch.appending(path: "model-\(name)").path, "--seed",
            "\(seed)", "--stop-with-parent", "--tls-certificate", certificates.agent(name).chain, "--tls-key",
            certificates.agent(name).key, "--tls-ca", certificates.ca,
          ] + (index == 0 ? delay.map { ["--answer-delay", "\($0 / .milliseconds(1))ms"] } ?? [] : []),
          log: scratch.appending(path: "\(name).log"))
      }
      defer { for process in processes { process.kill() } }
      let rows = try await center.rows()
      let measurement = try await measured(rows, engine: engine) { _ in
        (try processes.reduce(0) { $0 + (try $1.usage.cpuSeconds) }, try Self.transferred)
      }
      try await center.finish(modelVersion: "benchmark")
      for process in processes { try await process.end() }
      server.beginGracefulShutdown()
      group.cancelAll()
      return measurement
    }
  }

  /// Trains jointly, and takes the time of all but the agents' start.
  private func measured(
    _ rows: TrainingRows, engine: Engine, _ others: @Sendable (Bool) throws -> (cpu: Double, bytes: Int)
  ) async throws -> Measurement {
    let curve = Mutex<[Point]>([])
    let (before, own) = (try others(false), try ProcessUsage(of: getpid()).cpuSeconds)
    let start = ContinuousClock.now
    _ = try await ExtractorStage(settings(for: engine)).trainJointly(on: rows, purpose: "benchmark", seed: seed) {
      progress in
      let point = Point(
        seconds: (ContinuousClock.now - start) / .seconds(1), epoch: progress.completed, loss: progress.loss ?? 0)
      curve.withLock { $0.append(point) }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let after = try others(true)
    return Measurement(
      batches: batches, seconds: seconds, centerSeconds: try ProcessUsage(of: getpid()).cpuSeconds - own,
      agentSeconds: after.cpu - before.cpu, bytes: after.bytes - before.bytes, curve: curve.withLock { $0 })
  }

  /// The bytes that this process has read and written by now, as the kernel says in `/proc`; its files are small.
  private static var transferred: Int {
    get throws {
      let text = try String(contentsOfFile: "/proc/self/io", encoding: .utf8)
      return text.split(separator: "\n").filter { $0.hasPrefix("rchar") || $0.hasPrefix("wchar") }
        .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }
  }
}

import CopurAgent
import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Foundation
import GRPCCore
import GRPCInProcessTransport
import Logging
import Synchronization
import Testing

private let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
private let agents = try! AgentRoster(agents: [AgentID("a"), AgentID("b")], widths: [2, 1])

/// Decides 1 for everything.
private struct Yes: Defense {
  let name = "yes"
  let layout = agents.layout

  func decide(_ observation: Observation) -> [Decision] {
    (0..<observation.samples).map { _ in Decision(label: 1, probabilities: [0, 1]) }
  }
}

private func center(journal: any Journal = MemoryJournal()) async throws -> FusionCenter {
  try await FusionCenter(
    configuration: FusionCenterConfiguration(
      roster: agents, modelVersion: "m1", defenses: [Yes()], deadline: .seconds(600), quorum: 1,
      patience: .none),
    journal: journal, logger: quietLogger)
}

/// A fake fusion center: it keeps what it heard, and hangs up where its script says.
private final class ScriptedCenter: Copur_V1_FusionCenter.SimpleServiceProtocol {
  /// The number of receipts that each stream gives before it breaks; nil: it does not break.
  let script: [Int?]
  /// The address of the fusion center that has the session as it breaks; nil: none.
  let owner: String?
  private let streams = Mutex<[[UInt64]]>([])

  init(script: [Int?], owner: String? = nil) { (self.script, self.owner) = (script, owner) }

  /// The samples that each stream brought.
  var heard: [[UInt64]] { streams.withLock { $0 } }

  func join(request: Copur_V1_JoinRequest, context: ServerContext) async throws -> Copur_V1_JoinResponse {
    var response = Copur_V1_JoinResponse()
    response.modelVersion = "m1"
    response.maxMessageBytes = 1 << 20
    response.maxSamplesPerMessage = 100
    return response
  }

  func contribute(
    request: RPCAsyncSequence<Copur_V1_ContributeRequest, any Error>, response: RPCWriter<Copur_V1_ContributeResponse>,
    context: ServerContext
  ) async throws {
    let stream = streams.withLock { streams in
      streams.append([])
      return streams.count - 1
    }
    var left = stream < script.count ? script[stream] : nil
    for try await message in request {
      streams.withLock { $0[stream] += message.samples }
      for sample in message.samples {
        if left == 0 { continue }
        var answer = Copur_V1_ContributeResponse()
        answer.receipts = [Copur_V1_Receipt(Receipt(session: message.session, samples: [sample], status: .accepted))]
        try await response.write(answer)
        left = left.map { $0 - 1 }
      }
      // Everything is heard before the line breaks, so that what is sent again is sent a second time for sure.
      if left == 0, streams.withLock({ $0[stream].count >= 10 }) {
        guard let owner else { throw RPCError(code: .unavailable, message: "the line broke") }
        throw RPCError(code: .failedPrecondition, message: "not here", metadata: ["copur-center": "\(owner)"])
      }
    }
  }

  func predict(
    request: Copur_V1_PredictRequest, response: RPCWriter<Copur_V1_PredictResponse>, context: ServerContext
  ) async throws {}

  func watch(
    request: Copur_V1_WatchRequest, response: RPCWriter<Copur_V1_WatchResponse>, context: ServerContext
  ) async throws {}
}

/// Hands out one transport after the other, each to a server of its own with the same services.
private func withAgent<Result: Sendable>(
  _ name: String, width: Int, model: String = "m1", window: Int = 256, ledger: ReceiptLedger? = nil,
  services: [any RegistrableRPCService], elsewhere: (@Sendable (String) -> Void)? = nil,
  _ body: @escaping @Sendable (Agent<InProcessTransport.Client>, Task<Void, any Error>) async throws -> Result
) async throws -> Result {
  var configuration = AgentConfiguration(id: try AgentID(name), width: width, modelVersion: model)
  configuration.window = window
  configuration.backoff.initial = .milliseconds(1)
  let (transports, connections) = AsyncStream.makeStream(of: InProcessTransport.Server.self)
  let connect = { @Sendable in
    let transport = InProcessTransport()
    connections.yield(transport.server)
    return transport.client
  }
  var connectElsewhere: (@Sendable (String) async throws -> InProcessTransport.Client)?
  if let elsewhere {
    connectElsewhere = { address in
      elsewhere(address)
      return connect()
    }
  }
  let agent = Agent(
    configuration: configuration, ledger: ledger, logger: quietLogger, connectElsewhere: connectElsewhere,
    connect: connect)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      await withDiscardingTaskGroup { servers in
        for await transport in transports {
          servers.addTask { try? await GRPCServer(transport: transport, services: services).serve() }
        }
      }
    }
    let running = Task { try await agent.run() }
    defer { running.cancel() }
    let result = try await body(agent, running)
    group.cancelAll()
    return result
  }
}

private func blocks(_ samples: some Sequence<UInt64>, width: Int) -> [OutgoingBlock] {
  samples.map { OutgoingBlock(sample: $0, values: [Float](repeating: Float($0), count: width)[...]) }
}

private func fusion(_ center: FusionCenter, _ identification: PeerIdentification = .none) -> FusionCenterService {
  FusionCenterService(
    center,
    access: AccessControl(
      identification: identification, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
}

@Suite struct AgentTests {
  @Test(arguments: [1, 7, 100]) func everyBlockGetsItsReceipt(perMessage: Int) async throws {
    let center = try await center()
    try await withAgent(
      "b", width: 1, window: 16, services: [fusion(center)]
    ) { agent, _ in
      let running = Task { try await center.run() }
      defer { running.cancel() }
      let tally = try await agent.send(blocks(0..<200, width: 1), session: "s", samplesPerMessage: perMessage)
      #expect(tally[.accepted] == 200 && tally.total == 200 && tally.firstRefusal == nil)
      var mixed = blocks(198..<202, width: 1)
      mixed[0].values = [0.5]
      mixed[3].values = [.nan]
      let second = try await agent.send(mixed, session: "s", samplesPerMessage: perMessage)
      #expect(second[.conflict] == 1 && second[.duplicate] == 1 && second[.accepted] == 1 && second[.invalid] == 1)
      #expect(second.firstRefusal?.contains("agent b: the first block of a sample stands (sample 198") == true)
      let nothing = try await agent.send([], session: "s", samplesPerMessage: 1)
      #expect(nothing.total == 0)
    }
  }

  /// The line breaks in the middle, twice: only what has no receipt is sent again.
  @Test func aBrokenLineSendsAgainOnlyWhatHasNoReceipt() async throws {
    let script = ScriptedCenter(script: [4, 0, nil])
    try await withAgent("b", width: 1, services: [script]) { agent, _ in
      let tally = try await agent.send(blocks(0..<14, width: 1), session: "s", samplesPerMessage: 14)
      #expect(tally[.accepted] == 14 && tally.total == 14)
    }
    #expect(script.heard == [Array(0..<14), Array(4..<14), Array(4..<14)])
  }

  @Test("An agent goes to the fusion center that has its session, and where that fails back to the first")
  func elsewhere() async throws {
    let script = ScriptedCenter(script: [4, 0, nil], owner: "10.0.0.2:8001")
    let told = Mutex<[String]>([])
    let record: @Sendable (String) -> Void = { address in told.withLock { $0.append(address) } }
    try await withAgent("b", width: 1, services: [script], elsewhere: record) { agent, _ in
      let tally = try await agent.send(blocks(0..<14, width: 1), session: "s", samplesPerMessage: 14)
      #expect(tally[.accepted] == 14 && tally.total == 14)
    }
    #expect(told.withLock { $0 } == ["10.0.0.2:8001", "10.0.0.2:8001"])
  }

  /// The line breaks twice: a line a receipt, none twice, all of them before the tally.
  @Test func everyReceiptThatCountsIsInTheLedger() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-agent-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "ledger").path
    let script = ScriptedCenter(script: [4, 0, nil])
    let ledger = try ReceiptLedger(path: path)
    let entries = try await withAgent("b", width: 1, ledger: ledger, services: [script]) { agent, _ in
      _ = try await agent.send(blocks(0..<14, width: 1), session: "s", samplesPerMessage: 14)
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        try JSONDecoder().decode(LedgerEntry.self, from: Data($0.utf8))
      }
    }
    #expect(entries.flatMap(\.samples) == Array(0..<14))
    #expect(
      entries.allSatisfy { entry in
        entry.session == "s" && entry.status == "accepted"
          && entry.hashes == entry.samples.map { LedgerEntry.hash(of: [Float($0)]) }
      })
  }

  @Test(arguments: [
    ("z", 1, "m1", CopurError.Code.configuration), ("b", 2, "m1", .configuration), ("b", 1, "m2", .configuration),
  ])
  func aRefusalThatNoWaitingChangesEndsTheAgent(
    name: String, width: Int, model: String, code: CopurError.Code
  ) async throws {
    let center = try await center()
    let service = fusion(center)
    try await withAgent(name, width: width, model: model, services: [service]) { agent, running in
      // Sending waits for the connection, and is given up with it.
      let sending = await #expect(throws: CopurError.self) {
        try await agent.send(blocks([1], width: width), session: "s", samplesPerMessage: 1)
      }
      #expect(sending?.code == .unavailable)
      let refusal = await #expect(throws: CopurError.self) { try await running.value }
      #expect(refusal?.code == code && refusal?.message.contains("refuses agent \(name)") == true)
    }
  }

  /// It connected, said the same and was refused again, for ever.
  @Test func aStreamThatIsRefusedForGoodEndsTheAgent() async throws {
    let center = try await center()
    try await withAgent(
      "b", width: 1, services: [fusion(center)]
    ) { agent, running in
      async let sending: Void = {
        _ = await #expect(throws: CopurError.self) {
          try await agent.send(blocks([1], width: 1), session: "two words", samplesPerMessage: 1)
        }
      }()
      let refusal = await #expect(throws: CopurError.self) { try await running.value }
      #expect(refusal?.code == .configuration && refusal?.message.contains("ContributeRequest.session") == true)
      await sending
    }
  }

  @Test func anotherAgentsCertificateEndsTheAgent() async throws {
    let center = try await center()
    let service = fusion(center, .certificates { _ in PeerCredentials(uris: ["spiffe://copur/agent/a"]) })
    try await withAgent("b", width: 1, services: [service]) { _, running in
      let refusal = await #expect(throws: CopurError.self) { try await running.value }
      #expect(refusal?.code == .noPermission)
    }
  }

  @Test func certificatesThatDoNotFitEndTheAgentAfterAWhile() async throws {
    // It once tried for ever, and said why in the log alone.
    var configuration = AgentConfiguration(id: agents.agents[0], width: 2, modelVersion: "m1")
    configuration.certificatePatience = .milliseconds(50)
    configuration.backoff.initial = .milliseconds(5)
    configuration.backoff.maximum = .milliseconds(5)
    let attempts = Mutex(0)
    let agent = Agent<InProcessTransport.Client>(configuration: configuration, logger: quietLogger) {
      attempts.withLock { $0 += 1 }
      // A service that is not there heals; it does not count.
      throw RPCError(code: attempts.withLock { $0 } < 5 ? .unavailable : .unauthenticated, message: "unknown ca")
    }
    let error = await #expect(throws: CopurError.self) { try await agent.run() }
    #expect(error?.code == .noPermission && "\(error!)".contains("unknown ca"))
    // Refused once, and once more when the time was over.
    #expect(attempts.withLock { $0 } >= 6)
  }

  @Test func stopsOnceEveryReceiptIsThere() async throws {
    let script = ScriptedCenter(script: [])
    try await withAgent("b", width: 1, services: [script]) { agent, running in
      _ = try await agent.send(blocks([1], width: 1), session: "s", samplesPerMessage: 1)
      agent.stop()
      try await running.value
      await #expect(throws: CopurError.self) {
        try await agent.send(blocks([2], width: 1), session: "s", samplesPerMessage: 1)
      }
    }
    #expect(script.heard == [[1]])
  }

  @Test func aCallThatIsCancelledEndsAtOnce() async throws {
    // Nobody answers: the first stream gives no receipt.
    let script = ScriptedCenter(script: [0])
    try await withAgent("b", width: 1, services: [script]) { agent, _ in
      let sending = Task {
        try await agent.send(blocks([1], width: 1), session: "s", samplesPerMessage: 1)
      }
      while script.heard.first?.isEmpty ?? true { await Task.yield() }
      sending.cancel()
      await #expect(throws: CancellationError.self) { try await sending.value }
    }
  }
}

@Suite struct SimulationServiceTests {
  /// An agent, its simulation service behind a transport of its own, and a fusion center.
  private func withSimulation(
    present: [Bool]? = nil,
    _ body:
      @escaping @Sendable (
        Copur_V1_Simulation.Client<InProcessTransport.Client>, Copur_V1_FusionCenter.Client<InProcessTransport.Client>
      ) async throws -> Void
  ) async throws {
    let center = try await center()
    let service = fusion(center)
    try await withAgent("a", width: 2, services: [service]) { agent, _ in
      let running = Task { try await center.run() }
      defer { running.cancel() }
      let embeddings = Matrix(rows: 5, columns: 2, values: (0..<10).map(Float.init))
      let simulation = InProcessTransport()
      let fusion = InProcessTransport()
      try await withGRPCServer(
        transport: simulation.server,
        services: [SimulationService(sender: agent, embeddings: embeddings, present: present)]
      ) { _ in
        try await withGRPCServer(transport: fusion.server, services: [service]) { _ in
          try await withGRPCClient(transport: simulation.client) { simulation in
            try await withGRPCClient(transport: fusion.client) { fusion in
              try await body(.init(wrapping: simulation), .init(wrapping: fusion))
            }
          }
        }
      }
    }
  }

  private func play(_ samples: [UInt64], in session: String = "s", perMessage: UInt32 = 0) -> Copur_V1_PlayRequest {
    var request = Copur_V1_PlayRequest()
    request.session = session
    request.samples = Copur_V1_Samples(samples)
    request.samplesPerMessage = perMessage
    return request
  }

  private func compromise(
    _ session: String = "s", _ build: (inout Copur_V1_CompromiseRequest) -> Void
  ) -> Copur_V1_CompromiseRequest {
    var request = Copur_V1_CompromiseRequest()
    request.session = session
    build(&request)
    return request
  }

  @Test func playsWhatItWasTold() async throws {
    try await withSimulation { simulation, _ in
      let honest = try await simulation.play(play([0, 1, 2], perMessage: 2))
      #expect(honest.accepted == 3 && honest.withheld == 0)
      // The same session again: the same content is a duplicate, flipped content a conflict.
      #expect(try await simulation.play(play([2, 0])).duplicate == 2)
      _ = try await simulation.compromise(compromise { $0.flip.amplification = 2 })
      let flipped = try await simulation.play(play([1, 3]))
      #expect(flipped.conflict == 1 && flipped.accepted == 1)
      #expect(flipped.firstRefusal.contains("agent a: the first block of a sample stands (sample 1"))
      _ = try await simulation.compromise(compromise { $0.silent = .init() })
      let silent = try await simulation.play(play([0, 4]))
      #expect(silent.withheld == 2 && silent.accepted == 0 && silent.duplicate == 0)
      _ = try await simulation.compromise(
        compromise {
          $0.values.samples = [3, 4]
          $0.values.values = [-12, -14, .nan, 0]
        })
      let values = try await simulation.play(play([3, 4]))
      #expect(values.duplicate == 1 && values.invalid == 1, "−2 · (6, 7), and no number")
      _ = try await simulation.compromise(compromise { $0.honest = .init() })
      #expect(try await simulation.play(play([4])).accepted == 1)
      // Another session was never told anything.
      #expect(try await simulation.play(play([0], in: "t")).accepted == 1)
    }
  }

  @Test func saysThatItHasNoReadingWhateverItWasTold() async throws {
    try await withSimulation(present: [true, false, true, true, true]) { simulation, _ in
      let honest = try await simulation.play(play([0, 1]))
      #expect(honest.accepted == 2 && honest.withheld == 0)
      _ = try await simulation.compromise(compromise { $0.flip.amplification = 2 })
      // Nothing is nothing, flipped or not.
      #expect(try await simulation.play(play([1])).duplicate == 1)
      _ = try await simulation.compromise(compromise("t") { $0.silent = .init() })
      #expect(try await simulation.play(play([1], in: "t")).withheld == 1)
    }
  }

  @Test func requestsThatMakeNoSense() async throws {
    try await withSimulation { simulation, _ in
      _ = try await simulation.compromise(compromise { $0.values.samples = [] })
      let plays: [(Copur_V1_PlayRequest, RPCError.Code, String)] = [
        (play([5], in: "t"), .outOfRange, "agent a has the samples 0 to 4 (actual: 5)"),
        (play([.max], in: "t"), .outOfRange, "(actual: 18446744073709551615)"),
        (play([]), .invalidArgument, "PlayRequest.samples"),
        (play([0], in: ""), .invalidArgument, "PlayRequest.session"),
        (play([0]), .failedPrecondition, "was told none for sample 0"),
      ]
      for (request, code, text) in plays {
        let error = await #expect(throws: RPCError.self) { try await simulation.play(request) }
        #expect(error?.code == code && error?.message.contains(text) == true, "\(error.debugDescription)")
      }
      let error = await #expect(throws: RPCError.self) {
        try await simulation.compromise(compromise("", { $0.honest = .init() }))
      }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test func theDriversWay() async throws {
    try await withSimulation { simulation, fusion in
      var predict = Copur_V1_PredictRequest()
      predict.session = "clean/0"
      predict.defense = "yes"
      predict.samples = Copur_V1_Samples(0..<5)
      let verdicts = try await fusion.predict(predict) { [predict] response in
        var verdicts: [Verdict] = []
        for try await message in response.messages {
          if message.hasOpened {
            #expect(try await simulation.play(play(Array(0..<5), in: predict.session)).accepted == 5)
            try await fusion.contribute { writer in
              var contribution = Copur_V1_ContributeRequest()
              contribution.agent = "b"
              contribution.modelVersion = "m1"
              contribution.session = predict.session
              contribution.samples = Array(0..<5)
              contribution.values = [1, 2, 3, 4, 5]
              try await writer.write(contribution)
            } onResponse: { response in
              for try await _ in response.messages {}
            }
          }
          for verdict in message.verdicts { verdicts.append(try Verdict(verdict)) }
        }
        return verdicts
      }
      #expect(verdicts.map(\.sample) == Array(0..<5))
      #expect(verdicts.allSatisfy { $0.missing.isEmpty && $0.decision?.label == 1 })
    }
  }
}

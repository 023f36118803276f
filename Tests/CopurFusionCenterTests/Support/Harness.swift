import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import Logging
import Testing

typealias Stub = Copur_V1_FusionCenter.Client<InProcessTransport.Client>

/// A configuration of the three agents, of which one decides alone and none is waited for beyond a deadline.
func configuration(
  defenses: [any Defense] = [ToyDefense()], quorum: Int = 1, batch: Int = 256, limits: RoundLimits = RoundLimits()
) throws -> FusionCenterConfiguration {
  try FusionCenterConfiguration(
    roster: roster, modelVersion: "m1", defenses: defenses, deadline: .milliseconds(250), quorum: quorum,
    patience: .none, batch: batch, limits: limits)
}

/// A logger that says nothing: what a test provokes is not worth a line in its output.
let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a fusion center behind an in-process transport.
func withFusionCenter<Result: Sendable>(
  _ configuration: FusionCenterConfiguration, journal: any Journal = MemoryJournal(),
  clock: any Clock<Duration> = ManualClock(), identification: PeerIdentification = .none,
  _ body: @escaping @Sendable (Stub, FusionCenter) async throws -> Result
) async throws -> Result {
  let center = try await FusionCenter(
    configuration: configuration, journal: journal, clock: clock, logger: quietLogger)
  let transport = InProcessTransport()
  let access = AccessControl(identification: identification, logger: quietLogger)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try? await center.run() }
    let result = try await withGRPCServer(
      transport: transport.server, services: [FusionCenterService(center, access: access)], interceptors: [access]
    ) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        try await body(Stub(wrapping: client), center)
      }
    }
    group.cancelAll()
    return result
  }
}

/// One Contribute stream under a test's control.
final class TestStream {
  private let requests: AsyncStream<Copur_V1_ContributeRequest>.Continuation
  private var responses: RPCAsyncSequence<Copur_V1_ContributeResponse, any Error>.AsyncIterator
  private var waiting: [Outcome] = []

  struct Outcome: Equatable {
    var session: String
    var sample: UInt64
    var status: Copur_V1_Receipt.Status
    var reason: String
  }

  init(
    _ requests: AsyncStream<Copur_V1_ContributeRequest>.Continuation,
    _ responses: RPCAsyncSequence<Copur_V1_ContributeResponse, any Error>
  ) {
    self.requests = requests
    self.responses = responses.makeAsyncIterator()
  }

  func send(_ message: Copur_V1_ContributeRequest) { requests.yield(message) }

  /// Sends blocks of equal values.
  func send(_ samples: [UInt64], width: Int, _ values: [Float], in session: String = "s") {
    send(message(session, samples, width: width, values))
  }

  /// No more will be sent.
  func finish() { requests.finish() }

  /// The next sample's outcome, in the order of sending; nil at the end of the stream.
  func next() async throws -> Outcome? {
    while waiting.isEmpty {
      guard let response = try await responses.next(isolation: #isolation) else { return nil }
      for receipt in response.receipts {
        for sample in receipt.samples {
          waiting.append(
            Outcome(session: receipt.session, sample: sample, status: receipt.status, reason: receipt.reason))
        }
      }
    }
    return waiting.removeFirst()
  }

  /// Expects the statuses of the next blocks.
  func expect(_ expected: [Copur_V1_Receipt.Status], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let actual = try await statuses(expected.count)
    #expect(actual == expected, sourceLocation: sourceLocation)
  }

  /// The statuses of the next blocks.
  func statuses(_ count: Int) async throws -> [Copur_V1_Receipt.Status] {
    var statuses: [Copur_V1_Receipt.Status] = []
    while statuses.count < count, let outcome = try await next() { statuses.append(outcome.status) }
    return statuses
  }
}

extension Copur_V1_FusionCenter.Client where Transport == InProcessTransport.Client {
  /// Opens a Contribute stream in an agent's name.
  func contributing<Result: Sendable>(
    as agent: String, modelVersion: String = "m1", _ body: @escaping @Sendable (TestStream) async throws -> Result
  ) async throws -> Result {
    let (requests, continuation) = AsyncStream.makeStream(of: Copur_V1_ContributeRequest.self)
    var introduction = Copur_V1_ContributeRequest()
    introduction.agent = agent
    introduction.modelVersion = modelVersion
    continuation.yield(introduction)
    return try await contribute { writer in
      for await request in requests { try await writer.write(request) }
    } onResponse: { response in
      defer { continuation.finish() }
      return try await body(TestStream(continuation, response.messages))
    }
  }

  /// Asks for samples; `opened` runs once the session is open.
  func verdicts(
    of samples: [UInt64], in session: String = "s", defense: String = "",
    opened: @escaping @Sendable (Copur_V1_SessionOpened) async throws -> Void = { _ in }
  ) async throws -> [Verdict] {
    var request = Copur_V1_PredictRequest()
    request.session = session
    request.defense = defense
    request.samples = Copur_V1_Samples(samples)
    return try await predict(request) { response in
      var verdicts: [Verdict] = []
      for try await message in response.messages {
        if message.hasOpened { try await opened(message.opened) }
        for verdict in message.verdicts { verdicts.append(try Verdict(verdict)) }
      }
      return verdicts
    }
  }
}

/// The message with which an agent introduces itself.
func join(_ agent: String, width: UInt32 = 2, model: String = "m1") -> Copur_V1_JoinRequest {
  var request = Copur_V1_JoinRequest()
  request.agent = agent
  request.width = width
  request.modelVersion = model
  return request
}

/// The status that a call ends with, and its message; nil if it succeeds.
func failure(_ call: () async throws -> Void) async -> (code: RPCError.Code, message: String)? {
  do {
    try await call()
    return nil
  } catch let error as RPCError {
    return (error.code, error.message)
  } catch {
    return (.unknown, "\(error)")
  }
}

import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import Testing

struct TraceContextTests {
  private static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test("The specification's example, read and written")
  func example() throws {
    let trace = try #require(TraceContext(Self.example))
    #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && trace.parentID == "00f067aa0ba902b7")
    #expect(trace.flags == 1 && "\(trace)" == Self.example)
  }

  @Test(
    "A later version is read as far as it is known; what breaks the format is no trace",
    arguments: [
      ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", true),
      ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", false),
      ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", false),
      ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
      ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
      ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
      ("00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01", false), ("", false), ("00-é", false),
      (String(repeating: "é", count: 40), false),
    ])
  func format(_ header: String, _ isTrace: Bool) {
    #expect((TraceContext(header) != nil) == isTrace)
  }

  @Test("Passed on: the same trace, a span of our own, and of the flags the one that is defined")
  func continued() throws {
    let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff"))
    let own = trace.continued()
    #expect(own.traceID == trace.traceID && own.parentID != trace.parentID && own.flags == 1)
    #expect(TraceContext("\(own)") == own)
  }

  /// A fusion center that reads traces, and what those who watch in its process saw.
  private func rounds(
    _ body: @escaping @Sendable (Stub, ManualClock) async throws -> Void
  ) async throws -> [DecidedRound] {
    let clock = ManualClock()
    let center = try await FusionCenter(
      configuration: configuration(), journal: MemoryJournal(), clock: clock, logger: quietLogger)
    let transport = InProcessTransport()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await center.run() }
      let feed = center.watchedRounds()
      try await withGRPCServer(
        transport: transport.server,
        services: [
          FusionCenterService(center, access: AccessControl(identification: .none, logger: quietLogger))
        ], interceptors: [TracingInterceptor()]
      ) { _ in
        try await withGRPCClient(transport: transport.client) { client in
          try await body(Stub(wrapping: client), clock)
        }
      }
      group.cancelAll()
      return feed.taken().rounds
    }
  }

  /// The verdicts of samples that nobody speaks of.
  private static func asked(
    _ samples: [UInt64], of stub: Stub, _ metadata: Metadata, clock: ManualClock
  ) async throws -> (header: String?, verdicts: [Copur_V1_Verdict]) {
    var request = Copur_V1_PredictRequest()
    request.session = "traced"
    request.samples.listed = samples
    return try await stub.predict(request, metadata: metadata) { response in
      var verdicts: [Copur_V1_Verdict] = []
      for try await message in response.messages {
        if message.hasOpened { clock.advance(by: .seconds(10)) }
        verdicts += message.verdicts
      }
      return (response.metadata[stringValues: "traceparent"].first { _ in true }, verdicts)
    }
  }

  @Test("A gRPC call's trace comes back with the answer, and is that of the verdicts that it asked for")
  func call() async throws {
    let rounds = try await rounds { stub, clock in
      // Whatever is no trace is as good as none.
      for metadata: Metadata in [[:], ["traceparent": "00-what-is-it"]] {
        let silent = try await Self.asked([1], of: stub, metadata, clock: clock)
        #expect(silent.header == nil && silent.verdicts.map(\.hasTraceparent) == [false])
      }
      let (header, verdicts) = try await Self.asked(
        [3], of: stub, ["traceparent": .string(Self.example)], clock: clock)
      let own = try #require(header)
      #expect(TraceContext(own)?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && own != Self.example)
      #expect(verdicts.map(\.traceparent) == [own])
      // Told again, it is the same; and a round that was decided before anybody named a trace stays without one.
      #expect(try await Self.asked([3], of: stub, [:], clock: clock).verdicts.map(\.traceparent) == [own])
      #expect(try await Self.asked([1], of: stub, [:], clock: clock).verdicts.map(\.hasTraceparent) == [false])
    }
    #expect(rounds.map(\.verdict.sample) == [1, 3])
    #expect(rounds.map { $0.trace?.traceID } == [nil, "4bf92f3577b34da6a3ce929d0e0e4736"])
  }

  @Test("Where no client names a trace, an agent's stream may")
  func stream() async throws {
    let rounds = try await rounds { stub, clock in
      let (requests, continuation) = AsyncStream.makeStream(of: Copur_V1_ContributeRequest.self)
      try await stub.contribute(metadata: ["traceparent": .string(Self.example)]) { writer in
        for await request in requests { try await writer.write(request) }
      } onResponse: { response in
        var request = Copur_V1_ContributeRequest()
        (request.agent, request.modelVersion, request.session) = ("b", "m1", "traced")
        (request.samples, request.values) = ([7], [1])
        continuation.yield(request)
        for try await message in response.messages {
          #expect(message.receipts.map(\.status) == [.accepted])
          continuation.finish()
        }
      }
      let verdicts = try await Self.asked([7], of: stub, [:], clock: clock).verdicts
      #expect(verdicts.map { TraceContext($0.traceparent)?.traceID } == ["4bf92f3577b34da6a3ce929d0e0e4736"])
    }
    #expect(rounds.map(\.verdict.contributed) == [[roster.agents[1]]])
  }
}

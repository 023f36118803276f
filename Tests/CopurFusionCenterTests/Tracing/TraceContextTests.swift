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

  @Test("A gRPC call's trace comes back with the answer, and is that of the rounds that it asked for")
  func call() async throws {
    let clock = ManualClock()
    let center = try await FusionCenter(
      configuration: configuration(), journal: MemoryJournal(), clock: clock, logger: quietLogger)
    let transport = InProcessTransport()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await center.run() }
      let feed = center.watchedRounds()
      try await withGRPCServer(
        transport: transport.server,
        services: [
          FusionCenterService(center, access: AccessControl(identification: .none, logger: quietLogger))
        ], interceptors: [TracingInterceptor()]
      ) { _ in
        try await withGRPCClient(transport: transport.client) { client in
          var request = Copur_V1_PredictRequest()
          request.session = "traced"
          request.samples.listed = [3]
          try await Stub(wrapping: client).predict(request, metadata: ["traceparent": .string(Self.example)]) {
            response in
            let header = try #require(response.metadata[stringValues: "traceparent"].first { _ in true })
            #expect(TraceContext(header)?.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && header != Self.example)
            for try await message in response.messages {
              if message.hasOpened { clock.advance(by: .seconds(10)) }
            }
          }
        }
      }
      let rounds = feed.taken().rounds
      #expect(rounds.map(\.verdict.sample) == [3])
      #expect(rounds.map { $0.trace?.traceID } == ["4bf92f3577b34da6a3ce929d0e0e4736"])
      group.cancelAll()
    }
  }
}

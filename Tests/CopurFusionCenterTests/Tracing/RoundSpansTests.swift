import CopurCore
import CopurFusionCenter
import CopurTelemetry
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import Testing

struct RoundSpansTests {
  private static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

  /// The spans of samples that one agent spoke of before their deadline.
  private func spans(
    of samples: [UInt64], header: String?, own: Int, named: Int
  ) async throws -> (spans: [Copur_Otlp_Span], begun: Int, unrecorded: Int) {
    let clock = ManualClock()
    let queue = SpanQueue(limit: 1000)
    let center = try await FusionCenter(
      configuration: configuration(), journal: MemoryJournal(), clock: clock, logger: quietLogger)
    let recorder = RoundSpans(of: center, tracer: OTLPTracer(queue: queue), ownTraces: 0)
    let transport = InProcessTransport()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await center.run() }
      try await withGRPCServer(
        transport: transport.server,
        services: [FusionCenterService(center, access: AccessControl(identification: .none, logger: quietLogger))],
        interceptors: [TracingInterceptor()]
      ) { _ in
        try await withGRPCClient(transport: transport.client) { client in
          let stub = Stub(wrapping: client)
          try await stub.contributing(as: "b") { stream in
            stream.send(samples, width: 1, samples.map { _ in 1 })
            try await stream.expect(samples.map { _ in .accepted })
            var request = Copur_V1_PredictRequest()
            request.session = "s"
            request.samples.listed = samples
            let metadata: Metadata = header.map { ["traceparent": .string($0)] } ?? [:]
            try await stub.predict(request, metadata: metadata) { response in
              for try await message in response.messages where message.hasOpened { clock.advance(by: .seconds(10)) }
            }
          }
        }
      }
      group.cancelAll()
    }
    let begun = recorder.record(own: own, named: named)
    return (queue.taken(atMost: 1000), begun, recorder.unrecordedCount)
  }

  @Test("A round of a caller's trace has a span, whose children are the parts of its time, one after the other")
  func parts() async throws {
    let (spans, begun, unrecorded) = try await spans(of: [7], header: "\(Self.example)-01", own: 0, named: 9)
    #expect(begun == 0 && unrecorded == 0)
    #expect(spans.map(\.name) == ["gather", "decide", "store", "round"])
    let round = try #require(spans.last)
    #expect(spans.allSatisfy { $0.traceID == round.traceID } && round.parentSpanID.count == 8)
    #expect(spans.dropLast().allSatisfy { $0.parentSpanID == round.spanID })
    #expect(round.traceID.map { String($0, radix: 16) }.joined().hasPrefix("4bf92f"))
    #expect(spans[0].startTimeUnixNano == round.startTimeUnixNano && spans[2].endTimeUnixNano == round.endTimeUnixNano)
    #expect(
      spans[0].endTimeUnixNano == spans[1].startTimeUnixNano && spans[1].endTimeUnixNano == spans[2].startTimeUnixNano)
    // The clock stood still but for the ten seconds in which the agents did not speak.
    #expect(round.endTimeUnixNano - round.startTimeUnixNano == 10_000_000_000)
    #expect(spans[0].endTimeUnixNano == round.endTimeUnixNano)
    let attributes = Dictionary(uniqueKeysWithValues: round.attributes.map { ($0.key, $0.value) })
    #expect(attributes["copur.session"]?.stringValue == "s" && attributes["copur.sample"]?.stringValue == "7")
    #expect(attributes["copur.blocks"]?.intValue == 1 && attributes["copur.missing.count"]?.intValue == 2)
    #expect(
      attributes["copur.missing"]?.arrayValue.values.map(\.stringValue) == [
        roster.agents[0].name, roster.agents[2].name,
      ])
    // Data of the parties stay where they are.
    #expect(
      Set(attributes.keys).isSubset(of: [
        "copur.session", "copur.sample", "copur.model", "copur.defense", "copur.decided", "copur.blocks",
        "copur.missing.count", "copur.missing", "copur.certified_agents", "copur.iterations", "copur.converged",
        "copur.suspects.count", "copur.suspects",
      ]))
  }

  @Test("Of rounds without a trace as many begin one as are to; a trace that is not sampled is not recorded")
  func own() async throws {
    let (begun, ownCount, unrecorded) = try await spans(of: [1, 2, 3], header: nil, own: 2, named: 9)
    #expect(ownCount == 2 && unrecorded == 0)
    let rounds = begun.filter { $0.name == "round" }
    #expect(
      rounds.count == 2 && rounds.allSatisfy { $0.parentSpanID.isEmpty } && rounds[0].traceID != rounds[1].traceID)
    let (silent, _, missed) = try await spans(of: [1, 2, 3], header: "\(Self.example)-00", own: 2, named: 9)
    #expect(silent.isEmpty && missed == 0)
  }

  @Test("A caller that names a trace for everything has so many rounds recorded, and the others counted")
  func limit() async throws {
    let (spans, begun, unrecorded) = try await spans(of: [1, 2, 3], header: "\(Self.example)-01", own: 5, named: 2)
    #expect(spans.filter { $0.name == "round" }.count == 2 && begun == 0 && unrecorded == 1)
  }
}

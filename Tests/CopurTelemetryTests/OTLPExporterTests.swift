import CopurTelemetry
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import GRPCProtobuf
import Logging
import ServiceContextModule
import ServiceLifecycle
import Synchronization
import Testing
import Tracing

struct OTLPExporterTests {
  /// A collector in this process, which answers as a test tells it.
  private final class Collector: Sendable {
    let requests = Mutex<[Copur_Otlp_ExportRequest]>([])
    private let answer: @Sendable (_ number: Int) throws -> Copur_Otlp_ExportResponse

    init(_ answer: @escaping @Sendable (_ number: Int) throws -> Copur_Otlp_ExportResponse) { self.answer = answer }

    var router: RPCRouter<InProcessTransport.Server> {
      var router = RPCRouter<InProcessTransport.Server>()
      router.registerHandler(
        forMethod: MethodDescriptor(
          fullyQualifiedService: "opentelemetry.proto.collector.trace.v1.TraceService", method: "Export"),
        deserializer: ProtobufDeserializer<Copur_Otlp_ExportRequest>(),
        serializer: ProtobufSerializer<Copur_Otlp_ExportResponse>()
      ) { request, _ in
        var iterator = request.messages.makeAsyncIterator()
        let message = try await iterator.next(isolation: nil) ?? Copur_Otlp_ExportRequest()
        let number = self.requests.withLock { requests in
          requests.append(message)
          return requests.count
        }
        return StreamingServerResponse(single: ServerResponse(message: try self.answer(number)))
      }
      return router
    }

    var spans: [[String]] {
      requests.withLock { requests in
        requests.map { $0.resourceSpans.flatMap { $0.scopeSpans.flatMap { $0.spans.map(\.name) } } }
      }
    }
  }

  private typealias Exporter = OTLPExporter<InProcessTransport.Client>

  /// Has spans exported to a collector until a test is done with it, and shuts the exporter down.
  ///
  /// - Parameter names: Spans that have ended before the exporter begins.
  private func export(
    _ names: [String] = [], to collector: Collector, _ body: @escaping @Sendable (Exporter) async throws -> Void
  ) async throws -> [String: Int] {
    let transport = InProcessTransport()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let exporter = Exporter(
      to: transport.client, resource: ["service.name": "copur", "host.name": "here"], version: "1", logger: logger)
    Self.end(names, by: exporter)
    let server = GRPCServer(transport: transport.server, router: collector.router)
    let group = ServiceGroup(services: [exporter], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await server.serve() }
      tasks.addTask {
        try await group.run()
        server.beginGracefulShutdown()
      }
      try await body(exporter)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    return Dictionary(uniqueKeysWithValues: exporter.counts.map { ($0.outcome, $0.count) })
  }

  /// Waits until spans have come to an outcome.
  private static func wait(for count: Int, _ outcome: String, of exporter: Exporter) async throws {
    while !exporter.counts.contains(where: { $0 == (outcome, count) }) { try await Task.sleep(for: .milliseconds(5)) }
  }

  private static func end(_ names: some Sequence<String>, by exporter: Exporter) {
    for name in names { exporter.tracer.startSpan(name, context: .topLevel).end() }
  }

  @Test(
    "Spans arrive with the facts about the process, and those that end last before a shutdown, too",
    .timeLimit(.minutes(1)))
  func flush() async throws {
    let collector = Collector { _ in Copur_Otlp_ExportResponse() }
    let counts = try await export(to: collector) { exporter in
      Self.end(["first"], by: exporter)
      try await Self.wait(for: 1, "sent", of: exporter)
      Self.end((0..<1000).map { "\($0)" }, by: exporter)
    }
    #expect(collector.spans.allSatisfy { $0.count <= 512 })
    #expect(collector.spans.flatMap { $0 } == ["first"] + (0..<1000).map { "\($0)" })
    #expect(counts == ["sent": 1001, "refused": 0, "lost": 0])
    let request = try #require(collector.requests.withLock { $0.first?.resourceSpans.first })
    #expect(request.resource.attributes.map(\.key) == ["host.name", "service.name"])
    #expect(request.resource.attributes.map(\.value.stringValue) == ["here", "copur"])
    #expect(request.scopeSpans.map(\.scope.name) == ["copur"] && request.scopeSpans.map(\.scope.version) == ["1"])
  }

  @Test("A collector that is not there now gets the same spans again", .timeLimit(.minutes(1)))
  func again() async throws {
    let collector = Collector { number in
      guard number > 1 else { throw RPCError(code: .unavailable, message: "not yet") }
      return Copur_Otlp_ExportResponse()
    }
    let counts = try await export(to: collector) { exporter in
      Self.end(["kept"], by: exporter)
      try await Self.wait(for: 1, "sent", of: exporter)
    }
    #expect(collector.spans == [["kept"], ["kept"]] && counts == ["sent": 1, "refused": 0, "lost": 0])
  }

  @Test(
    "Spans that are refused are not sent again; the next ones are sent", .timeLimit(.minutes(1)),
    arguments: [RPCError.Code.invalidArgument, .unimplemented, .permissionDenied, .resourceExhausted])
  func refused(_ code: RPCError.Code) async throws {
    let collector = Collector { number in
      guard number > 1 else { throw RPCError(code: code, message: "no") }
      return Copur_Otlp_ExportResponse()
    }
    let counts = try await export(to: collector) { exporter in
      Self.end(["refused"], by: exporter)
      try await Self.wait(for: 1, "refused", of: exporter)
      Self.end(["next"], by: exporter)
    }
    #expect(collector.spans == [["refused"], ["next"]] && counts == ["sent": 1, "refused": 1, "lost": 0])
  }

  @Test("A collector says how many spans it did not take", .timeLimit(.minutes(1)))
  func partly() async throws {
    let collector = Collector { _ in
      var answer = Copur_Otlp_ExportResponse()
      (answer.partialSuccess.rejectedSpans, answer.partialSuccess.errorMessage) = (2, "too old")
      return answer
    }
    let counts = try await export(["one", "two", "three"], to: collector) { _ in }
    #expect(counts == ["sent": 1, "refused": 2, "lost": 0])
  }

  @Test("A collector that is gone does not keep a shutdown, and the last spans count as lost", .timeLimit(.minutes(1)))
  func gone() async throws {
    let collector = Collector { _ in throw RPCError(code: .unavailable, message: "never") }
    let start = ContinuousClock.now
    let counts = try await export(["one", "two"], to: collector) { _ in }
    #expect(counts == ["sent": 0, "refused": 0, "lost": 2] && ContinuousClock.now - start < .seconds(20))
  }
}

internal import CopurWire
public import GRPCCore
internal import GRPCProtobuf
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Sends spans to a collector by the OpenTelemetry protocol, OTLP over gRPC (opentelemetry.proto.collector.trace.v1).
///
/// Spans are sent a second after they have ended, or sooner if there are many. While the collector does not answer, up to
/// 8,192 are kept and what comes then is lost: nothing but this service waits for it. The log says once that it does not
/// answer and once that it does again, with how many were lost.
///
/// ```swift
/// let exporter = OTLPExporter(to: transport, resource: ["service.name": "copur"], version: "1.0", logger: logger)
/// InstrumentationSystem.bootstrap(exporter.tracer)
/// // Run `exporter` in a service group, before the services whose spans it sends, so that it is shut down after them.
/// ```
public final class OTLPExporter<Transport: ClientTransport>: Service {
  /// The tracer whose spans are sent.
  public let tracer: OTLPTracer

  private let transport: Transport
  private let resource: [Copur_Otlp_KeyValue]
  private let version: String
  private let logger: Logger
  private let health = Mutex(CollectorHealth())

  /// - Parameters:
  ///   - transport: To the collector; used by this exporter alone.
  ///   - resource: Attributes of this process, such as `service.name`.
  ///   - version: This program's.
  public init(to transport: Transport, resource: [String: String], version: String, logger: Logger) {
    self.transport = transport
    self.resource = resource.sorted { $0.key < $1.key }.map { key, value in
      var message = Copur_Otlp_KeyValue()
      (message.key, message.value) = (key, Copur_Otlp_Value(value))
      return message
    }
    self.version = version
    self.logger = logger
    tracer = OTLPTracer(queue: SpanQueue(limit: Limits.waiting))
  }

  /// The numbers of spans that have ended, by outcome: `sent`, `refused` by the collector, or `lost`, as more came than could be
  /// sent.
  public var counts: [(outcome: String, count: Int)] {
    let (counts, lost) = (health.withLock { $0.counts }, tracer.queue.lost)
    return [("sent", counts.sent), ("refused", counts.refused), ("lost", lost + counts.lost)]
  }

  /// Sends until the surrounding service group shuts down, and then what is left.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let client = GRPCClient(transport: transport)
      group.addTask { try await client.runConnections() }
      var unsent = await cancelWhenGracefulShutdown {
        var unsent: [Copur_Otlp_Span] = []
        while !Task.isCancelled {
          let isMore = await self.send(&unsent, by: client, within: Limits.timeout)
          if !isMore { try? await Task.sleep(for: Limits.interval) }
        }
        return unsent
      }
      let end = ContinuousClock.now + Limits.farewell
      while ContinuousClock.now < end, await send(&unsent, by: client, within: end - .now) {}
      gaveUp(unsent.count + tracer.queue.drained())
      client.beginGracefulShutdown()
      // Nothing is under way: a collector that does not close its end is not waited for.
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Sends what was not sent before, or else the oldest spans that wait.
  ///
  /// - Returns: Whether to go on at once: these were sent, and there are more.
  private func send(
    _ unsent: inout [Copur_Otlp_Span], by client: GRPCClient<Transport>, within timeout: Duration
  ) async -> Bool {
    if unsent.isEmpty { unsent = tracer.queue.taken(atMost: Limits.batch) }
    guard !unsent.isEmpty else { return false }
    var options = CallOptions.defaults
    options.timeout = timeout
    do {
      let answer = try await client.unary(
        request: ClientRequest(message: request(of: unsent)), descriptor: exportMethod,
        serializer: ProtobufSerializer<Copur_Otlp_ExportRequest>(),
        deserializer: ProtobufDeserializer<Copur_Otlp_ExportResponse>(), options: options
      ) { try $0.message }
      took(unsent.count, answer.partialSuccess)
      unsent = []
      return !tracer.queue.isEmpty
    } catch {
      // A call that is cut off by the shutdown is made once more.
      guard !Task.isCancelled else { return false }
      let isFinal = !Self.isWorthRetrying((error as? RPCError)?.code)
      failed(error, refused: isFinal ? unsent.count : nil)
      if isFinal { unsent = [] }
      return false
    }
  }

  private func request(of spans: [Copur_Otlp_Span]) -> Copur_Otlp_ExportRequest {
    var scope = Copur_Otlp_ScopeSpans()
    (scope.scope.name, scope.scope.version, scope.spans) = ("copur", version, spans)
    var all = Copur_Otlp_ResourceSpans()
    (all.resource.attributes, all.scopeSpans) = (resource, [scope])
    var request = Copur_Otlp_ExportRequest()
    request.resourceSpans = [all]
    return request
  }

  /// Whether the same spans may be taken later (OTLP specification, "Failures": the rest is refused for good). A collector
  /// that has no room says so with a time after which it has; without it, as here, the spans are given up.
  private static func isWorthRetrying(_ code: RPCError.Code?) -> Bool {
    switch code {
    case .unavailable, .cancelled, .deadlineExceeded, .aborted, .outOfRange, .dataLoss, nil: true
    default: false
    }
  }

  private func took(_ count: Int, _ partial: Copur_Otlp_PartialSuccess) {
    let lost = tracer.queue.lost
    let refused = min(max(0, Int(clamping: partial.rejectedSpans)), count)
    switch health.withLock({ $0.took(count, refused: refused, lost: lost) }) {
    case nil: break
    case .recovered(let lost): logger.notice("the collector takes spans again", metadata: ["lost": "\(lost)"])
    case .refuses:
      logger.warning(
        "the collector refuses spans",
        metadata: ["count": "\(refused)", "reason": "\(partial.errorMessage.prefix(256))"])
    case .loses:
      logger.warning("spans are lost: more come than the collector takes", metadata: ["lost": "\(lost)"])
    }
  }

  /// - Parameter refused: How many spans are given up for it; nil: they wait.
  private func failed(_ error: any Error, refused: Int?) {
    let lost = tracer.queue.lost
    guard health.withLock({ $0.failed(refused: refused ?? 0, lost: lost) }) else { return }
    logger.warning(
      refused == nil
        ? "no answer from the collector: spans wait, and are lost when there are too many"
        : "the collector takes no spans: they are given up",
      metadata: ["error": "\(error)"])
  }

  private func gaveUp(_ count: Int) {
    guard count > 0 else { return }
    health.withLock { $0.counts.lost += count }
    logger.warning("the last spans were not sent", metadata: ["lost": "\(count)"])
  }
}

/// The collector's method.
private let exportMethod = MethodDescriptor(
  fullyQualifiedService: "opentelemetry.proto.collector.trace.v1.TraceService", method: "Export")

private enum Limits {
  /// Spans that wait at most.
  static let waiting = 8192
  /// Spans of one request: a collector takes messages of 4 MiB.
  static let batch = 512
  static let interval = Duration.seconds(1)
  static let timeout = Duration.seconds(10)
  /// How long the last spans may take when the process ends.
  static let farewell = Duration.seconds(2)
}

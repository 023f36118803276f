internal import CopurFusionCenter
internal import CopurWire
public import ServiceContextModule
internal import Synchronization
public import Tracing

/// A span that goes to a collector once it has ended, or that is of a trace which nobody records.
public final class OTLPSpan: Span {
  private struct Content {
    var name: String
    var attributes: SpanAttributes = [:]
    var status: SpanStatus?
    var events: [SpanEvent] = []
    var links: [SpanLink] = []
    var isOver = false
  }

  /// Events and links of one span that are kept, as many as OpenTelemetry's libraries keep.
  private static let kept = 128

  public let context: ServiceContext
  private let kind: SpanKind
  private let parent: TraceContext?
  private let trace: TraceContext
  private let start: UInt64
  /// Nil if it is not recorded.
  private let queue: SpanQueue?
  private let content: Mutex<Content>

  init(
    _ name: String, kind: SpanKind, parent: TraceContext?, trace: TraceContext, start: UInt64, context: ServiceContext,
    queue: SpanQueue?
  ) {
    (self.kind, self.parent, self.trace, self.start) = (kind, parent, trace, start)
    (self.context, self.queue) = (context, queue)
    content = Mutex(Content(name: name))
  }

  public var isRecording: Bool { queue != nil && content.withLock { !$0.isOver } }

  public var operationName: String {
    get { content.withLock { $0.name } }
    set { change { $0.name = newValue } }
  }

  public var attributes: SpanAttributes {
    get { content.withLock { $0.attributes } }
    set { change { $0.attributes = newValue } }
  }

  public func setStatus(_ status: SpanStatus) { change { $0.status = status } }

  public func addEvent(_ event: SpanEvent) { change { if $0.events.count < Self.kept { $0.events.append(event) } } }

  public func addLink(_ link: SpanLink) { change { if $0.links.count < Self.kept { $0.links.append(link) } } }

  public func recordError<Instant: TracerInstant>(
    _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
  ) {
    guard isRecording else { return }
    var all: SpanAttributes = [
      "exception.type": .string("\(type(of: error))"), "exception.message": .string("\(error)"),
    ]
    all.merge(attributes)
    addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
  }

  public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
    guard let queue else { return }
    let ended: Content? = content.withLock { content in
      guard !content.isOver else { return nil }
      content.isOver = true
      return content
    }
    guard let ended else { return }
    queue.append(message(of: ended, end: max(start, instant().nanosecondsSinceEpoch)))
  }

  /// A span that is over, or not recorded, changes no more.
  private func change(_ body: (inout Content) -> Void) {
    guard queue != nil else { return }
    content.withLock { if !$0.isOver { body(&$0) } }
  }

  private func message(of content: Content, end: UInt64) -> Copur_Otlp_Span {
    var message = Copur_Otlp_Span()
    message.traceID = trace.traceBytes
    message.spanID = trace.parentBytes
    if let parent { message.parentSpanID = parent.parentBytes }
    message.name = content.name
    message.kind = kind.otlp
    (message.startTimeUnixNano, message.endTimeUnixNano) = (start, end)
    message.attributes = content.attributes.otlp
    message.events = content.events.map { event in
      var message = Copur_Otlp_Span.Event()
      message.name = event.name
      message.timeUnixNano = event.nanosecondsSinceEpoch
      message.attributes = event.attributes.otlp
      return message
    }
    message.links = content.links.compactMap { link in
      guard let trace = link.context.trace else { return nil }
      var message = Copur_Otlp_Span.Link()
      (message.traceID, message.spanID) = (trace.traceBytes, trace.parentBytes)
      message.attributes = link.attributes.otlp
      return message
    }
    if let status = content.status {
      message.status.code = status.code == .error ? .error : .ok
      // The protocol has a message for errors only.
      if status.code == .error { message.status.message = status.message ?? "" }
    }
    return message
  }
}

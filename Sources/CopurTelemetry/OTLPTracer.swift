internal import CopurFusionCenter
public import ServiceContextModule
public import Tracing

/// A tracer whose spans an ``OTLPExporter`` sends to a collector.
///
/// A span is recorded if its trace is sampled, as whoever began the trace has decided (W3C Trace Context, section 3.2.2.5).
public struct OTLPTracer: Tracer {
  private static let header = "traceparent"

  let queue: SpanQueue

  package init(queue: SpanQueue) { self.queue = queue }

  public func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> OTLPSpan {
    var context = context()
    let parent = context.trace
    let own = parent?.continued() ?? .begun()
    context.trace = own
    return OTLPSpan(
      operationName, kind: kind, parent: parent, trace: own, start: instant().nanosecondsSinceEpoch, context: context,
      queue: own.isSampled ? queue : nil)
  }

  public func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    if let trace = extractor.extract(key: Self.header, from: carrier).flatMap(TraceContext.init) {
      context.trace = trace
    }
  }

  public func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    if let trace = context.trace { injector.inject("\(trace)", forKey: Self.header, into: &carrier) }
  }

  /// Nothing: the exporter sends what has ended within a second, and the rest when it ends.
  public func forceFlush() {}
}

private enum TraceContextKey: ServiceContextKey {
  typealias Value = TraceContext
  static let nameOverride: String? = "traceparent"
}

extension ServiceContext {
  /// The trace, whose parent is the span that the context is of.
  var trace: TraceContext? {
    get { self[TraceContextKey.self] }
    set { self[TraceContextKey.self] = newValue }
  }
}

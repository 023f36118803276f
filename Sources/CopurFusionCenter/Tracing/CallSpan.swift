internal import ServiceContextModule
internal import Tracing

/// A call whose caller named a trace: its span, with the tracer that this process uses (swift-distributed-tracing).
///
/// A trace is handed on without a tracer, too, and nothing is recorded then. The span says what was called and
/// how it ended, by OpenTelemetry's names; never what was in the call.
public struct CallSpan: Sendable {
  /// The trace with the call's span as the parent of what is done for it.
  public let trace: TraceContext
  private let span: any Span

  /// Begins a span.
  ///
  /// - Parameters:
  ///   - traceparent: The caller's header.
  ///   - name: The name of the span, such as `copur.v1.FusionCenter/Predict`.
  ///   - attributes: The facts about the call that are known when it begins.
  /// - Returns: Nil if the header names no trace, or breaks the format.
  public init?(traceparent: String?, name: String, attributes: [String: String]) {
    guard let traceparent, let caller = TraceContext(traceparent) else { return nil }
    let tracer = InstrumentationSystem.tracer
    span = tracer.startSpan(name, context: .continuing(caller, with: tracer), ofKind: .server)
    if span.isRecording {
      for (key, value) in attributes { span.attributes[key] = value }
    }
    var fields: [String: String] = [:]
    tracer.inject(span.context, into: &fields, using: TraceFields())
    trace = fields[TraceFields.traceparent].flatMap(TraceContext.init) ?? caller.continued()
  }

  /// Does work for the call: what is begun in it has the call's span as its parent.
  public func within<Result: Sendable>(_ work: () async throws -> Result) async rethrows -> Result {
    try await TraceContext.$current.withValue(trace) {
      try await ServiceContext.$current.withValue(span.context) { try await work() }
    }
  }

  /// The call's route is known: the span is called after it.
  public func found(route: String, of method: String) {
    guard span.isRecording else { return }
    span.operationName = "\(method) \(route)"
    span.attributes["http.route"] = route
  }

  /// Ends the span.
  ///
  /// - Parameters:
  ///   - code: The status that the caller is told.
  ///   - key: The attribute that has it.
  ///   - failure: The status in words, if this side is to blame for it.
  public func end(_ code: Int, as key: String, failure: String? = nil) {
    if span.isRecording { span.attributes[key] = code }
    if let failure { span.setStatus(SpanStatus(code: .error, message: failure)) }
    span.end()
  }
}

/// The header that carries a trace, in a tracer's hands.
struct TraceFields: Extractor, Injector {
  static let traceparent = "traceparent"

  func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }

  func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

extension ServiceContext {
  /// A context in which a trace goes on, as a tracer reads it off a request.
  static func continuing(_ trace: TraceContext, with tracer: any Tracer) -> ServiceContext {
    var context = ServiceContext.topLevel
    tracer.extract([TraceFields.traceparent: "\(trace)"], into: &context, using: TraceFields())
    return context
  }
}

import CopurFusionCenter
import CopurTelemetry
import CopurWire
import Foundation
import ServiceContextModule
import Testing
import Tracing

struct OTLPTracerTests {
  private struct Fields: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
  }

  private let queue = SpanQueue(limit: 100)
  private var tracer: OTLPTracer { OTLPTracer(queue: queue) }

  private func context(_ header: String) -> ServiceContext {
    var context = ServiceContext.topLevel
    tracer.extract(["traceparent": header], into: &context, using: Fields())
    return context
  }

  private func header(_ span: OTLPSpan) -> String? {
    var fields: [String: String] = [:]
    tracer.inject(span.context, into: &fields, using: Fields())
    return fields["traceparent"]
  }

  private func hexadecimal(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }

  @Test("A span goes on with its caller's trace and under its caller's span, and children under it")
  func family() throws {
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let parent = tracer.startSpan("call", context: context(caller), ofKind: .server)
    let child = tracer.startSpan("part", context: parent.context)
    child.end()
    parent.end()
    let spans = queue.taken(atMost: 10)
    #expect(spans.map(\.name) == ["part", "call"] && spans.map(\.kind) == [.internal, .server])
    #expect(spans.allSatisfy { hexadecimal($0.traceID) == "4bf92f3577b34da6a3ce929d0e0e4736" })
    #expect(hexadecimal(spans[1].parentSpanID) == "00f067aa0ba902b7")
    #expect(spans[0].parentSpanID == spans[1].spanID && spans[0].spanID != spans[1].spanID)
    #expect(spans.allSatisfy { $0.spanID.count == 8 && $0.startTimeUnixNano <= $0.endTimeUnixNano })
    // The header that a callee gets names this span.
    let passed = try #require(header(parent).flatMap(TraceContext.init))
    #expect(passed.parentID == hexadecimal(spans[1].spanID) && passed.isSampled)
  }

  @Test("A span without a caller begins a trace of its own; what is no header is no caller")
  func root() {
    for context in [ServiceContext.topLevel, context("00-what-is-it")] {
      tracer.startSpan("first", context: context).end()
    }
    let spans = queue.taken(atMost: 10)
    #expect(spans.map(\.parentSpanID) == [Data(), Data()])
    #expect(spans.allSatisfy { $0.traceID.count == 16 } && spans[0].traceID != spans[1].traceID)
  }

  @Test("A trace that its caller does not have recorded is passed on, and nothing of it is sent")
  func unsampled() throws {
    let span = tracer.startSpan("call", context: context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"))
    #expect(!span.isRecording)
    span.attributes["kept"] = false
    tracer.startSpan("part", context: span.context).end()
    span.end()
    #expect(span.attributes.isEmpty && queue.isEmpty)
    let passed = try #require(header(span).flatMap(TraceContext.init))
    #expect(passed.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && !passed.isSampled)
  }

  @Test("Attributes of every type, in the order of their names")
  func attributes() throws {
    let span = tracer.startSpan("all", context: .topLevel)
    span.attributes = [
      "a": 1, "b": 2.5, "c": true, "d": "text", "e": .stringArray(["x", "y"]), "f": .int64Array([1, 2]),
      "g": .doubleArray([0.5]), "h": .boolArray([false]),
    ]
    span.end()
    let values = try #require(queue.taken(atMost: 1).first).attributes
    #expect(values.map(\.key) == ["a", "b", "c", "d", "e", "f", "g", "h"])
    #expect(values[0].value.intValue == 1 && values[1].value.doubleValue == 2.5)
    #expect(values[2].value.boolValue && values[3].value.stringValue == "text")
    #expect(values[4].value.arrayValue.values.map(\.stringValue) == ["x", "y"])
    #expect(values[5].value.arrayValue.values.map(\.intValue) == [1, 2])
    #expect(values[6].value.arrayValue.values.map(\.doubleValue) == [0.5])
    #expect(values[7].value.arrayValue.values.map(\.value) == [.boolValue(false)])
  }

  @Test("A span ends once, and what comes after its end changes nothing; errors and events are in it")
  func ends() throws {
    struct Broken: Error {}
    let span = tracer.startSpan("call", context: .topLevel)
    span.recordError(Broken())
    span.setStatus(SpanStatus(code: .error, message: "broken"))
    span.end()
    span.attributes["late"] = 1
    span.operationName = "late"
    span.end()
    let spans = queue.taken(atMost: 10)
    let sent = try #require(spans.first)
    #expect(spans.count == 1 && sent.name == "call" && sent.attributes.isEmpty && !span.isRecording)
    #expect(sent.status.code == .error && sent.status.message == "broken")
    #expect(sent.events.map(\.name) == ["exception"])
    #expect(sent.events[0].attributes.contains { $0.key == "exception.type" && $0.value.stringValue == "Broken" })
  }

  @Test("A full queue loses what comes, never what waits, and counts it")
  func full() {
    let small = SpanQueue(limit: 2)
    let tracer = OTLPTracer(queue: small)
    for name in ["first", "second", "third", "fourth"] { tracer.startSpan(name, context: .topLevel).end() }
    #expect(small.lost == 2 && small.taken(atMost: 1).map(\.name) == ["first"] && !small.isEmpty)
    tracer.startSpan("fifth", context: .topLevel).end()
    #expect(small.taken(atMost: 9).map(\.name) == ["second", "fifth"] && small.isEmpty && small.lost == 2)
  }
}

internal import CopurFusionCenter
internal import CopurWire
internal import Foundation
internal import Tracing

extension TraceContext {
  /// The trace's identifier, 16 bytes.
  var traceBytes: Data { Data(hexadecimal: traceID) }
  /// The identifier of the span that the context is of, 8 bytes.
  var parentBytes: Data { Data(hexadecimal: parentID) }
}

extension Data {
  /// - Parameter hexadecimal: An even number of lower-case digits.
  fileprivate init(hexadecimal: String) {
    let digits = hexadecimal.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }
}

extension SpanKind {
  var otlp: Copur_Otlp_Span.Kind {
    switch self {
    case .server: .server
    case .client: .client
    case .producer: .producer
    case .consumer: .consumer
    case .internal: .internal
    }
  }
}

extension SpanAttributes {
  /// By name, so that the same attributes are the same bytes.
  var otlp: [Copur_Otlp_KeyValue] {
    var messages: [Copur_Otlp_KeyValue] = []
    forEach { key, attribute in
      guard let value = Copur_Otlp_Value(attribute) else { return }
      var message = Copur_Otlp_KeyValue()
      (message.key, message.value) = (key, value)
      messages.append(message)
    }
    return messages.sorted { $0.key < $1.key }
  }
}

extension Copur_Otlp_Value {
  init(_ value: String) {
    self.init()
    stringValue = value
  }

  /// Nil for a kind of attribute that a later version of the API has.
  init?(_ attribute: SpanAttribute) {
    self.init()
    switch attribute {
    case .int32(let value): intValue = Int64(value)
    case .int64(let value): intValue = value
    case .double(let value): doubleValue = value
    case .bool(let value): boolValue = value
    case .string(let value): stringValue = value
    case .stringConvertible(let value): stringValue = "\(value)"
    case .int32Array(let values): set(values.map { .int(Int64($0)) })
    case .int64Array(let values): set(values.map { .int($0) })
    case .doubleArray(let values): set(values.map { .double($0) })
    case .boolArray(let values): set(values.map { .bool($0) })
    case .stringArray(let values): set(values.map { .string($0) })
    case .stringConvertibleArray(let values): set(values.map { .string("\($0)") })
    default: return nil
    }
  }

  private mutating func set(_ values: [SpanAttribute]) { arrayValue.values = values.compactMap { Self($0) } }
}

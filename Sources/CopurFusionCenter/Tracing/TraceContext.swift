/// The distributed trace that a request belongs to: the header `traceparent` (W3C Trace Context, section 3.2).
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
  /// The trace of what the current task does; nil if whoever asked for it named none.
  @TaskLocal public static var current: TraceContext?

  /// 32 hexadecimal digits, not all zero.
  public let traceID: String
  /// The span that asked: 16 hexadecimal digits, not all zero.
  public let parentID: String
  /// Eight flags; the lowest says that the trace is sampled.
  public let flags: UInt8

  /// Reads a header.
  ///
  /// - Returns: Nil if it breaks the format: a trace is then begun anew by whoever wants one, and nothing is refused.
  public init?(_ header: String) {
    let text = Array(header.utf8)
    // version "-" trace-id "-" parent-id "-" trace-flags; later versions may add a dash and more.
    guard text.count >= 55, text.count <= 512, [2, 35, 52].allSatisfy({ text[$0] == UInt8(ascii: "-") }) else {
      return nil
    }
    let parts = [0..<2, 3..<35, 36..<52, 53..<55].map { String(decoding: text[$0], as: UTF8.self) }
    guard parts.allSatisfy({ $0.utf8.allSatisfy(Self.isLowercaseHex) }), parts[0] != "ff",
      text.count == 55 || parts[0] != "00" && text[55] == UInt8(ascii: "-"),
      parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
      let flags = UInt8(parts[3], radix: 16)
    else { return nil }
    (traceID, parentID, self.flags) = (parts[1], parts[2], flags)
  }

  private init(traceID: String, parentID: String, flags: UInt8) {
    (self.traceID, self.parentID, self.flags) = (traceID, parentID, flags)
  }

  private static func isLowercaseHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  /// A trace that begins here, and is recorded.
  public static func begun() -> TraceContext {
    let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: 1 ... .max))
    return TraceContext(
      traceID: hexadecimal(high) + hexadecimal(low), parentID: hexadecimal(.random(in: 1 ... .max)), flags: 1)
  }

  /// Whether whoever began the trace wants it recorded (section 3.2.2.5).
  public var isSampled: Bool { flags & 1 == 1 }

  /// This trace with a span of this service as the parent of what follows (section 3.4, "update parent-id").
  public func continued() -> TraceContext {
    TraceContext(traceID: traceID, parentID: Self.hexadecimal(.random(in: 1 ... .max)), flags: flags & 1)
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// As a header of version 00.
  public var description: String { "00-\(traceID)-\(parentID)-\(flags < 16 ? "0" : "")\(String(flags, radix: 16))" }
}

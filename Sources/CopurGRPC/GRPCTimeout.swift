/// The header `grpc-timeout`: at most eight digits and a unit.
package enum GRPCTimeout {
  /// Reads a timeout.
  ///
  /// - Parameter text: The header's value.
  /// - Returns: How long, or `nil` if the value does not have the form.
  package static func parse(_ text: String) -> Duration? {
    let digits = text.utf8.dropLast()
    // "TimeoutValue": positive, at most eight digits; signs, spaces and separators are none.
    guard (1...8).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let unit = text.utf8.last
    else { return nil }
    let amount = digits.reduce(into: Int64(0)) { $0 = $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(amount * 3600)
    case UInt8(ascii: "M"): return .seconds(amount * 60)
    case UInt8(ascii: "S"): return .seconds(amount)
    case UInt8(ascii: "m"): return .milliseconds(amount)
    case UInt8(ascii: "u"): return .microseconds(amount)
    case UInt8(ascii: "n"): return .nanoseconds(amount)
    default: return nil
    }
  }
}

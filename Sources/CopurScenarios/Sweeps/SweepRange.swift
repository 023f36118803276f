internal import Foundation

/// Numbers of an axis by their ends: every step, or so many points with equal gaps or equal ratios.
struct SweepRange {
  private static let keys = ["from", "to", "step", "points", "scale"]
  private let texts: [String]

  /// - Parameter node: `{ from: 1, to: 3 }`, with a `step` of 1 if it has neither that nor `points`; `scale: log` has `points`.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    let range = try node.mapping(of: "a range of values", keys: Self.keys)
    let (first, last) = (try range.required("from"), try range.required("to"))
    let (from, to) = (try first.decimal(), try last.decimal())
    guard from < to else { throw last.error("a range goes up (from: \(from), to: \(to))") }
    let isLogarithmic = try range["scale"]?.choice(of: "a scale", from: ["linear", "log"]) == "log"
    if let points = range["points"] {
      if let step = range["step"] { throw step.error("a range has a step or a number of points (actual: both)") }
      let count = try points.integer(atLeast: 2, atMost: Sweep.maximumPoints)
      if isLogarithmic, from <= 0 { throw first.error("a logarithmic range is over 0 (actual: \(from))") }
      let (least, most) = (NSDecimalNumber(decimal: from).doubleValue, NSDecimalNumber(decimal: to).doubleValue)
      // What is between the ends has as many digits as anybody would write: the text is the value.
      texts = (0..<count).map { index in
        if index == 0 { return "\(from)" }
        if index == count - 1 { return "\(to)" }
        let place = Double(index) / Double(count - 1)
        return String(
          format: "%.6g", isLogarithmic ? least * pow(most / least, place) : least + (most - least) * place)
      }
      return
    }
    guard !isLogarithmic else { throw node.error("a logarithmic range has a number of points (actual: none)") }
    let step = try range["step"]?.decimal() ?? 1
    guard step > 0 else { throw (range["step"] ?? node).error("a step is over 0 (actual: \(step))") }
    let steps = (to - from) / step
    guard steps < Decimal(Sweep.maximumPoints) else {
      throw node.error("a range has at most \(Sweep.maximumPoints) values (from \(from) to \(to) by \(step))")
    }
    // Decimal digits, so that 0.1 and 0.1 are 0.2. Counted, since a step may be less than the last of the 38 digits: then
    // values repeat, which an axis refuses.
    texts = (0...NSDecimalNumber(decimal: steps).intValue).map { from + Decimal($0) * step }.filter { $0 <= to }
      .map { "\($0)" }
  }

  /// The numbers as values that stand where the range does.
  func values(at node: SchemaNode) -> [SchemaNode] { texts.map { node.naming($0, shiftedBy: 0) } }
}

extension SchemaNode {
  /// A number in decimal digits.
  fileprivate func decimal() throws(ScenarioError) -> Decimal {
    _ = try number()
    guard let text = scalar, let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")),
      value.isFinite
    else { throw mismatch("a number") }
    return value
  }
}

internal import Foundation

/// Numbers as the report shows them.
package enum Number {
  /// A dash, which stands where there is no number.
  static let none = "–"

  /// With so many decimals and a true minus sign.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    // No minus before what rounds to 0.
    guard text.hasPrefix("-") else { return text }
    let digits = text.dropFirst()
    return digits.contains { $0 != "0" && $0 != "." } ? "−" + digits : String(digits)
  }

  /// A fraction in percent with one decimal.
  static func percent(_ fraction: Double) -> String { fixed(100 * fraction, decimals: 1) }

  /// Mean ± standard deviation of fractions in percent; a dash for none.
  static func percent(_ summary: Summary?) -> String { summary?.percent ?? none }

  /// With so many significant digits, as short as it gets.
  package static func significant(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : none }
    let exponent = Int(log10(abs(value)).rounded(.down))
    guard (-4...6).contains(exponent) else {
      return String(format: "%.\(digits - 1)e", value).replacing("-", with: "−")
    }
    return fixed(value, decimals: max(0, digits - 1 - exponent))
  }

  /// So many significant digits without zeros at the end: 10, 0.5, 1.25.
  package static func short(_ value: Double, digits: Int = 3) -> String {
    let text = significant(value, digits: digits)
    guard text.contains("."), !text.contains("e") else { return text }
    let digits = text.reversed().drop { $0 == "0" }
    return String((digits.first == "." ? digits.dropFirst() : digits).reversed())
  }

  /// Mean ± standard deviation in three significant digits; a dash for none.
  static func significant(_ summary: Summary?) -> String {
    guard let summary else { return none }
    guard let deviation = summary.deviation else { return significant(summary.mean) }
    return "\(significant(summary.mean)) ± \(significant(deviation, digits: 2))"
  }

  /// A length of time in the unit that suits it.
  package static func duration(seconds: Double) -> String {
    switch seconds {
    case ..<1e-3: "\(significant(seconds * 1e6)) µs"
    case ..<1: "\(significant(seconds * 1e3)) ms"
    case ..<120: "\(significant(seconds)) s"
    default: "\(Int(min(seconds, 1e9) / 60)) min \(Int(min(seconds, 1e9)) % 60) s"
    }
  }

  /// Items in a sentence: `1`, `1 and 2`, `1, 2 and 3`.
  package static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }
}

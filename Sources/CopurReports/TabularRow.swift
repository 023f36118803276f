/// A row of a results file: named fields in a fixed order.
public protocol TabularRow: Sendable {
  /// The fields' names, which are the JSON keys and the CSV header.
  static var columns: [String] { get }
  /// The fields' values, as many as there are columns.
  var fields: [TabularField] { get }
}

/// The value of a field.
public enum TabularField: Hashable, Sendable {
  /// Text.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A seed.
  case seed(UInt64)
  /// A finite number.
  case number(Double)
  /// Several names: an array in JSON, separated by `;` in CSV.
  case names([String])
  /// Nothing: null in JSON, empty in CSV.
  case none
}

extension TabularField {
  static func optional(_ value: Double?) -> TabularField { value.map { .number($0) } ?? .none }
  static func optional(_ value: Int?) -> TabularField { value.map { .integer($0) } ?? .none }
  static func optional(_ value: String?) -> TabularField { value.map { .text($0) } ?? .none }
}

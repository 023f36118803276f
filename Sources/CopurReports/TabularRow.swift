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
  /// Quartiles: an array of three numbers in JSON, separated by spaces in CSV.
  case quartiles(Quartiles)
  /// Each agent's residuals: an array of `{"agent", "quartiles"}` in JSON, `agent=quartiles` separated by `;` in CSV.
  case residuals([AgentResiduals])
  /// Each agent's rate: an array of `{"agent", "rate"}` in JSON, `agent=rate` separated by `;` in CSV.
  case falseAlarms([AgentFalseAlarms])
  /// Nothing: null in JSON, empty in CSV.
  case none
}

extension TabularField {
  /// The numbers in it.
  var numbers: [Double] {
    switch self {
    case .number(let value): [value]
    case .quartiles(let quartiles): [quartiles.lower, quartiles.median, quartiles.upper]
    case .residuals(let agents): agents.compactMap(\.quartiles).flatMap { TabularField.quartiles($0).numbers }
    case .falseAlarms(let agents): agents.compactMap(\.rate)
    case .text, .integer, .seed, .names, .none: []
    }
  }

  static func optional(_ value: Double?) -> TabularField { value.map { .number($0) } ?? .none }
  static func optional(_ value: Int?) -> TabularField { value.map { .integer($0) } ?? .none }
  static func optional(_ value: String?) -> TabularField { value.map { .text($0) } ?? .none }
}

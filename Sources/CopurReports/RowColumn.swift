/// A column of a results file, stated once: its name, what a row has there, and how a row reads it back.
struct RowColumn<Row>: Sendable {
  /// A path to a property of a row.
  typealias Path<Value> = any WritableKeyPath<Row, Value> & Sendable

  /// The name, which is the JSON key and stands in the CSV header.
  let name: String
  /// The value of a row.
  let field: @Sendable (Row) -> TabularField
  /// Reads the value into a row. A value that is not there, since it came later than the file, leaves the row as it is.
  let read: @Sendable (RowReader, inout Row) throws -> Void

  /// A column whose value is converted by hand.
  ///
  /// - Parameters:
  ///   - field: The value of a row.
  ///   - read: Reads the value into a row.
  init(
    _ name: String, field: @escaping @Sendable (Row) -> TabularField,
    read: @escaping @Sendable (RowReader, inout Row) throws -> Void
  ) {
    (self.name, self.field, self.read) = (name, field, read)
  }

  /// Text.
  static func text(_ name: String, _ path: Path<String>) -> RowColumn {
    RowColumn(name) {
      .text($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.value(name, as: String.self)
    }
  }

  /// Text that may not apply.
  static func text(_ name: String, _ path: Path<String?>) -> RowColumn {
    RowColumn(name) {
      .optional($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.optional(name, as: String.self)
    }
  }

  /// One of the cases of an enumeration.
  static func choice<Choice: RawRepresentable & Decodable & SendableMetatype>(
    _ name: String, _ path: Path<Choice>
  ) -> RowColumn where Choice.RawValue == String {
    RowColumn(name) {
      .text($0[keyPath: path].rawValue)
    } read: {
      $1[keyPath: path] = try $0.value(name, as: Choice.self)
    }
  }

  /// Names; none where a file does not have them.
  ///
  /// - Parameter isRequired: Whether every file has them.
  static func names(_ name: String, _ path: Path<[String]>, isRequired: Bool = true) -> RowColumn {
    RowColumn(name) {
      .names($0[keyPath: path])
    } read: {
      $1[keyPath: path] =
        try isRequired ? $0.value(name, as: [String].self) : $0.optional(name, as: [String].self) ?? []
    }
  }

  /// A whole number.
  static func integer(_ name: String, _ path: Path<Int>) -> RowColumn {
    RowColumn(name) {
      .integer($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.value(name, as: Int.self)
    }
  }

  /// A seed.
  static func seed(_ name: String, _ path: Path<UInt64>) -> RowColumn {
    RowColumn(name) {
      .seed($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.value(name, as: UInt64.self)
    }
  }

  /// A number within bounds.
  static func number(
    _ name: String, _ path: Path<Double>, in range: ClosedRange<Double> = RowReader.fractions
  ) -> RowColumn {
    RowColumn(name) {
      .number($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.number(name, in: range)
    }
  }

  /// A number within bounds that may not apply.
  static func number(
    _ name: String, _ path: Path<Double?>, in range: ClosedRange<Double> = RowReader.fractions
  ) -> RowColumn {
    RowColumn(name) {
      .optional($0[keyPath: path])
    } read: {
      $1[keyPath: path] = try $0.optionalNumber(name, in: range)
    }
  }
}

/// A row of a results file as JSON has it, by the names of columns.
struct RowReader {
  /// The name of a column.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Shares of a whole.
  static let fractions = 0.0...1.0
  /// Numbers from 0 on.
  static let nonNegative = 0...Double.greatestFiniteMagnitude

  private let container: KeyedDecodingContainer<Key>

  init(_ decoder: any Decoder) throws { container = try decoder.container(keyedBy: Key.self) }

  /// The value of a column that every file has.
  func value<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try container.decode(type, forKey: Key(stringValue: name))
  }

  /// The value of a column; nil where a file does not have it, or it is null.
  func optional<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
    try container.decodeIfPresent(type, forKey: Key(stringValue: name))
  }

  /// A number within bounds.
  func number(_ name: String, in range: ClosedRange<Double>) throws -> Double {
    try checked(value(name, as: Double.self), name, range)
  }

  /// A number within bounds; nil where a file does not have it, or it is null.
  func optionalNumber(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
    try optional(name, as: Double.self).map { try checked($0, name, range) }
  }

  private func checked(_ value: Double, _ name: String, _ range: ClosedRange<Double>) throws -> Double {
    guard range.contains(value) else {
      throw DecodingError.dataCorruptedError(
        forKey: Key(stringValue: name), in: container,
        debugDescription: "a number from \(range.lowerBound) to \(range.upperBound) (actual: \(value))")
    }
    return value
  }
}

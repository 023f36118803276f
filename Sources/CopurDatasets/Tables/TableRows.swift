internal import CopurCore

/// Rows of a table with named columns, one after the other, whatever its file's format.
protocol TableRows {
  /// The file's name for messages.
  var file: String { get }
  /// The columns' names, no two equal.
  var columns: [String] { get }

  /// Goes on to the next row.
  ///
  /// - Returns: False if there is none.
  mutating func next() throws -> Bool

  /// The text of a column of the current row.
  func text(_ column: Int) -> String

  /// The number in a column of the current row; NaN where there is no value.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if it is no finite number.
  func number(_ column: Int) throws -> Float

  /// Whether a text that is no number is a missing value.
  func isMissing(_ text: String) -> Bool

  /// The error that a field of the current row breaks a rule.
  func invalid(_ column: Int, rule: String) -> CopurError
}

extension CSVReader: TableRows {}

internal import CopurCore

/// What is wrong with a scenario, and where.
package struct ScenarioError: Error, CustomStringConvertible {
  /// The file as it was named.
  package let file: String
  /// The line, from 1.
  package let line: Int
  /// The column, from 1, counted in Unicode scalars.
  package let column: Int
  /// The rule and the value that broke it.
  package let message: String
  /// The line's text.
  package let sourceLine: String

  /// `file:line:column: error: message`, the line, and a caret under the column.
  package var description: String {
    // Tabs stay tabs, so that the caret stands where the reader's terminal puts the column.
    let padding = sourceLine.unicodeScalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
    return "\(file):\(line):\(column): error: \(message)\n\(sourceLine)\n\(padding)^"
  }

  /// The same as the error that the command line turns into an exit code.
  var asCopurError: CopurError { CopurError(.configuration, description) }
}

internal import CopurCore

/// A mistake in a scenario, and its place.
package struct ScenarioError: Error, CustomStringConvertible {
  /// The file as it was named, or an option of the command line.
  package let file: String
  /// The line, from 1.
  package let line: Int
  /// The column, from 1, counted in Unicode scalars.
  package let column: Int
  /// The rule and the value that broke it.
  package private(set) var message: String
  /// The line's text.
  package let sourceLine: String
  /// Whether it is in an option, which has no lines to name.
  package var isInOption = false

  /// `file:line:column: error: message`, the line, and a caret under the column.
  package var description: String {
    // Tabs stay tabs, so that the caret stands where the reader's terminal puts the column.
    let padding = sourceLine.unicodeScalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
    let place = isInOption ? file : "\(file):\(line):\(column)"
    return "\(place): error: \(message)\n\(sourceLine)\n\(padding)^"
  }

  /// The same error, that came up in some case alone.
  func happening(in place: String) -> ScenarioError {
    var error = self
    error.message += " (\(place))"
    return error
  }

  /// The same as the error that the command line turns into an exit code.
  var asCopurError: CopurError { CopurError(.configuration, description) }
}

/// The rows that an agent of a deployment sends.
package enum AgentWork: Hashable, Sendable {
  /// Every test row of the data set that the bundle was trained on, and then it ends.
  case testRows
  /// Rows of a file in the volume of data; it ends with the file, unless the file is followed.
  case file(String, follows: Bool)
  /// Rows that a socket gives, `tcp:HOST:PORT`, for as long as there are some.
  case socket(String, port: Int)

  /// Whether it goes on until it is stopped.
  var isLasting: Bool {
    switch self {
    case .testRows: false
    case .file(_, let follows): follows
    case .socket: true
    }
  }

  /// Whether it needs the volume of data.
  package var needsData: Bool { if case .socket = self { false } else { true } }
}

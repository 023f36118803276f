internal import CLibPQ

/// An error of the database or of the connection to it.
struct PostgreSQLError: Error, CustomStringConvertible {
  /// The five characters of the error (PostgreSQL's manual, appendix A); nil: the connection was lost, or never made.
  let state: String?
  let message: String

  var description: String { state.map { "\(message) (SQLSTATE \($0))" } ?? message }

  /// Whether the same may be tried again on a new connection: the database is away, starts, ends or is read only.
  var isOutage: Bool {
    guard let state else { return true }
    // 08: connection; 57P01 to 57P03: shutdown, crash, start; 25006: a standby; 53300: too many connections; 40: conflict.
    return state.hasPrefix("08") || state.hasPrefix("57P0") || state.hasPrefix("40")
      || state == "25006"
      || state == "53300"
  }

  /// Whether the fence of a group has said no: this center's own has another epoch or number of groups by now.
  var saysReplaced: Bool { state == "23502" }

  /// Whether the fence of a group has said no: a session has another token by now.
  var saysLost: Bool { state == "22012" }

  /// Whether there was no room: on the disk, or in memory.
  var saysFull: Bool { state == "53100" || state == "53200" }
}

internal import CLibPQ
internal import Foundation

/// A connection of libpq; every call waits for the database.
///
/// It can be sent from thread to thread, but is used by one at a time: its owner calls it on a ``PostgreSQLQueue``.
final class PostgreSQLConnection: @unchecked Sendable {
  /// A statement and its values, `$1` and so on.
  typealias Statement = (sql: String, values: [PostgreSQLValue])

  /// The number of rows of a query that are in memory at once.
  static let rowsAtATime = 256

  private let connection: OpaquePointer
  private let address: PostgreSQLAddress

  /// - Throws: ``PostgreSQLError``.
  init(_ address: PostgreSQLAddress) throws {
    self.address = address
    let options = address.options
    var names: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0.name)) }
    var values: [UnsafePointer<CChar>?] = options.map { UnsafePointer(strdup($0.value)) }
    defer { for text in names + values { free(UnsafeMutableRawPointer(mutating: text)) } }
    names.append(nil)
    values.append(nil)
    guard let connection = PQconnectdbParams(names, values, 0) else {
      throw PostgreSQLError(state: nil, message: "no memory for a connection")
    }
    self.connection = connection
    guard PQstatus(connection) == CONNECTION_OK else {
      throw PostgreSQLError(state: nil, message: text(PQerrorMessage(connection)))
    }
    // Notices would go to standard error.
    PQsetNoticeProcessor(connection, { _, _ in }, nil)
  }

  deinit { PQfinish(connection) }

  /// Runs one statement.
  ///
  /// - Throws: ``PostgreSQLError``.
  @discardableResult
  func run(_ sql: String, _ values: PostgreSQLValue...) throws -> [PostgreSQLRow] {
    let result = Parameters.with(values) { types, pointers, lengths, formats in
      PQexecParams(connection, sql, Int32(values.count), types, pointers, lengths, formats, 1)
    }
    defer { PQclear(result) }
    try check(result)
    return rows(of: result)
  }

  /// Runs statements without values, one after the other.
  ///
  /// - Throws: ``PostgreSQLError``.
  func runAll(_ sql: String) throws {
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    try check(result)
  }

  /// Runs work in a transaction of which each statement sees what was committed before it began.
  ///
  /// - Throws: ``PostgreSQLError``; what the work throws, and then nothing of it is stored.
  func transaction<Result>(_ work: () throws -> Result) throws -> Result {
    try transaction("READ COMMITTED", work)
  }

  /// Reads as of one moment.
  ///
  /// - Parameter writes: Whether it also writes; to what was there at that moment alone.
  /// - Throws: ``PostgreSQLError``; what the work throws.
  func snapshot<Result>(writes: Bool = false, _ work: () throws -> Result) throws -> Result {
    try transaction(writes ? "REPEATABLE READ" : "REPEATABLE READ READ ONLY", work)
  }

  private func transaction<Result>(_ kind: String, _ work: () throws -> Result) throws -> Result {
    try runAll("BEGIN ISOLATION LEVEL \(kind)")
    do {
      let result = try work()
      try runAll("COMMIT")
      return result
    } catch {
      try? runAll("ROLLBACK")
      throw error
    }
  }

  /// Reads the rows of a query, a few at a time; in a transaction.
  ///
  /// - Throws: ``PostgreSQLError``; what the body throws.
  func forEachRow(of query: String, _ body: (PostgreSQLRow) throws -> Void) throws {
    try runAll("DECLARE records NO SCROLL CURSOR FOR \(query)")
    while true {
      let rows = try run("FETCH \(Self.rowsAtATime) FROM records")
      for row in rows { try body(row) }
      if rows.count < Self.rowsAtATime { break }
    }
    try runAll("CLOSE records")
  }

  /// Runs a transaction: all of it or nothing, in one round trip. Returns once it is committed.
  ///
  /// Each statement sees what was committed before it began, whatever the database's default is.
  ///
  /// - Returns: The rows of each statement.
  /// - Throws: ``PostgreSQLError``; if the connection was lost, nobody knows whether it was committed.
  func commit(_ statements: [Statement]) throws -> [[PostgreSQLRow]] {
    guard PQenterPipelineMode(connection) == 1 else { throw lost() }
    var first: PostgreSQLError?
    for statement in [("BEGIN ISOLATION LEVEL READ COMMITTED", [])] + statements + [("COMMIT", [])] {
      let values = statement.1
      let sent = Parameters.with(values) { types, pointers, lengths, formats in
        PQsendQueryParams(
          connection, statement.0, Int32(values.count), types, pointers, lengths, formats, 1)
      }
      guard sent == 1 else { throw lost() }
    }
    guard PQpipelineSync(connection) == 1 else { throw lost() }
    var command = ""
    var rows: [[PostgreSQLRow]] = []
    var (isSynced, isBetween) = (false, false)
    while !isSynced {
      let result = PQgetResult(connection)
      defer { PQclear(result) }
      // Of a connection that is lost errors come for ever.
      guard PQstatus(connection) == CONNECTION_OK else { throw lost() }
      // None: the end of one statement's results. Two in a row: nothing is under way any more, and the end did not come.
      guard let result else {
        guard !isBetween else { throw first ?? lost() }
        isBetween = true
        continue
      }
      isBetween = false
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: isSynced = true
      case PGRES_PIPELINE_ABORTED: break
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        command = String(cString: PQcmdStatus(result))
        rows.append(self.rows(of: result))
      default:
        let error = error(of: result)
        // The database says goodbye.
        if error.isOutage { throw error }
        if first == nil { first = error }
      }
    }
    guard PQexitPipelineMode(connection) == 1 else { throw lost() }
    if let first {
      try? runAll("ROLLBACK")
      throw first
    }
    guard command == "COMMIT" else {
      throw PostgreSQLError(state: "25P02", message: "the transaction ended with \(command)")
    }
    // Without those of BEGIN and COMMIT.
    return Array(rows.dropFirst().dropLast())
  }

  private func check(_ result: OpaquePointer?) throws {
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw error(of: result) }
  }

  private func rows(of result: OpaquePointer?) -> [PostgreSQLRow] {
    let columns = PQnfields(result)
    return (0..<PQntuples(result)).map { row in
      PostgreSQLRow(
        columns: (0..<columns).map { column in
          guard PQgetisnull(result, row, column) == 0 else { return nil }
          return Data(
            bytes: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        })
    }
  }

  private func error(of result: OpaquePointer?) -> PostgreSQLError {
    guard PQstatus(connection) == CONNECTION_OK, let result else { return lost() }
    // 67: PG_DIAG_SQLSTATE, 77: PG_DIAG_MESSAGE_PRIMARY, which are macros of characters.
    guard let state = PQresultErrorField(result, 67) else { return lost() }
    return PostgreSQLError(
      state: String(cString: state), message: text(PQresultErrorField(result, 77)))
  }

  private func lost() -> PostgreSQLError {
    PostgreSQLError(
      state: nil, message: "the connection was lost: \(text(PQerrorMessage(connection)))")
  }

  private func text(_ message: UnsafePointer<CChar>?) -> String {
    let text = message.map { String(cString: $0) } ?? ""
    return address.masked(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }
}

/// Values in the form in which libpq takes them.
private enum Parameters {
  static func with<Result>(
    _ values: [PostgreSQLValue],
    _ body: ([Oid], [UnsafePointer<CChar>?], [Int32], [Int32]) throws -> Result
  ) rethrows -> Result {
    let buffers = values.map { value in
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: value.bytes.count + 1)
      value.bytes.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress {
          UnsafeMutableRawPointer(buffer).copyMemory(from: base, byteCount: bytes.count)
        }
      }
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    return try body(
      values.map(\.type), buffers.map { UnsafePointer($0) }, values.map { Int32($0.bytes.count) },
      values.map { _ in 1 })
  }
}

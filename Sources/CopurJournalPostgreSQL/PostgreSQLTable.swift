/// The tables of a journal's records, and the columns in which they are read: first `sequence`, then `session`.
enum PostgreSQLTable: String, CaseIterable {
  case contribution
  case verdict
  case aborted

  var columns: String {
    switch self {
    case .contribution: "sequence, session, agent, model, samples, hashes, payload"
    case .verdict:
      "sequence, session, model, defense, samples, labels, contributed, suspects, details, certified"
    case .aborted: "sequence, session, samples, reason"
    }
  }

  /// Rows after one, in their order.
  func rows(
    after last: Int64, limit: Int64, columns: String? = nil, _ connection: PostgreSQLConnection,
    schema: String
  ) throws -> [PostgreSQLRow] {
    try connection.run(
      "SELECT \(columns ?? self.columns) FROM \(schema).\(rawValue) WHERE sequence > $1 ORDER BY sequence LIMIT $2",
      .integer(last), .integer(limit))
  }
}

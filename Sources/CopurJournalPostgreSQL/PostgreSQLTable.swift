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
}

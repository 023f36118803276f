internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The names that the rows of a journal refer to by number.
struct JournalNames {
  private(set) var agents: [Int64: AgentID] = [:]
  private(set) var sessions: [Int64: (name: String, defense: String)] = [:]
  private(set) var models: [Int64: (version: String, agents: [AgentID])] = [:]

  init(_ database: Database) throws {
    for row in try Row.fetchAll(database, sql: "SELECT id, name FROM agent") {
      agents[row["id"]] = try AgentID(row["name"] as String)
    }
    for row in try Row.fetchAll(database, sql: "SELECT id, name, defense FROM session") {
      sessions[row["id"]] = (row["name"], row["defense"])
    }
    for row in try Row.fetchAll(database, sql: "SELECT id, version, agents FROM model") {
      let agents = try (row["agents"] as String).split(separator: " ").map { try AgentID(String($0)) }
      models[row["id"]] = (row["version"], agents)
    }
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func agent(_ id: Int64) throws -> AgentID { try known(agents[id], "agent", id) }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func session(_ id: Int64) throws -> (name: String, defense: String) { try known(sessions[id], "session", id) }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func model(_ id: Int64) throws -> (version: String, agents: [AgentID]) { try known(models[id], "model", id) }

  /// The verdicts of a row with all columns of the table `verdict`.
  func verdicts(_ row: Row) throws -> [Verdict] {
    let session = try session(row["session"])
    let model = try model(row["model"])
    return try VerdictRow(
      samples: row["samples"], labels: row["labels"], contributed: row["contributed"], suspects: row["suspects"],
      details: row["details"],
      // A file of version 2 that is only read has no such column.
      certified: row["certified"] ?? Data()
    ).verdicts(
      session: session.name, modelVersion: model.version, defense: row["defense"], agents: model.agents)
  }

  private func known<Value>(_ value: Value?, _ kind: String, _ id: Int64) throws -> Value {
    guard let value else { throw CopurError(.invalidData, "a row refers to \(kind) \(id), which is not there") }
    return value
  }
}

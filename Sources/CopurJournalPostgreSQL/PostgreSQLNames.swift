internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The names that the rows of a journal refer to by number.
struct PostgreSQLNames {
  private(set) var agents: [Int64: AgentID] = [:]
  private(set) var sessions: [Int64: (name: String, defense: String)] = [:]
  private(set) var models: [Int64: (version: String, agents: [AgentID])] = [:]

  init(_ connection: PostgreSQLConnection, schema: String) throws {
    for row in try connection.run("SELECT id, name FROM \(schema).agent") {
      agents[try row.integer(0)] = try AgentID(try row.text(1))
    }
    for row in try connection.run("SELECT id, name, defense FROM \(schema).session WHERE defense IS NOT NULL") {
      sessions[try row.integer(0)] = (try row.text(1), try row.text(2))
    }
    for row in try connection.run("SELECT id, version, agents FROM \(schema).model") {
      let agents = try row.text(2).split(separator: " ").map { try AgentID(String($0)) }
      models[try row.integer(0)] = (try row.text(1), agents)
    }
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func agent(_ id: Int64) throws -> AgentID { try known(agents[id], "agent", id) }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func session(_ id: Int64) throws -> (name: String, defense: String) {
    try known(sessions[id], "session", id)
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func model(_ id: Int64) throws -> (version: String, agents: [AgentID]) {
    try known(models[id], "model", id)
  }

  /// The verdicts of a row of ``PostgreSQLTable/verdict``.
  func verdicts(_ row: PostgreSQLRow) throws -> [Verdict] {
    let model = try model(row.integer(2))
    return try VerdictRow(
      samples: row.data(4), labels: row.data(5), contributed: row.data(6), suspects: row.data(7),
      details: row.data(8),
      certified: row.data(9)
    ).verdicts(
      session: session(row.integer(1)).name, modelVersion: model.version, defense: row.text(3),
      agents: model.agents)
  }

  private func known<Value>(_ value: Value?, _ kind: String, _ id: Int64) throws -> Value {
    guard let value else {
      throw CopurError(.invalidData, "a row refers to \(kind) \(id), which is not there")
    }
    return value
  }
}

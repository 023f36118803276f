internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The names that the rows of a journal refer to by number, and the rounds whose rows count no longer.
struct JournalNames {
  private(set) var agents: [Int64: AgentID] = [:]
  private(set) var sessions: [Int64: (name: String, defense: String)] = [:]
  private(set) var models: [Int64: (version: String, agents: [AgentID])] = [:]
  /// By session, the rounds that were pruned: closed for good, with rows that are gone or are about to go.
  private(set) var pruned: [Int64: SampleSet] = [:]
  /// By table, the rows that prunings have removed.
  private(set) var removed: [String: SampleSet] = [:]

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
    // A file of an older version that is only read has no such table.
    guard try database.tableExists("pruned") else { return }
    for row in try Row.fetchAll(database, sql: "SELECT session, samples FROM pruned") {
      pruned[row["session"]] = try SampleSet(bytes: row["samples"])
    }
    for row in try Row.fetchAll(database, sql: "SELECT name, numbers FROM removed") {
      removed[row["name"]] = try SampleSet(bytes: row["numbers"])
    }
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func agent(_ id: Int64) throws -> AgentID { try known(agents[id], "agent", id) }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func session(_ id: Int64) throws -> (name: String, defense: String) { try known(sessions[id], "session", id) }

  /// - Throws: ``CopurError`` of code `.invalidData` if there is no such row.
  func model(_ id: Int64) throws -> (version: String, agents: [AgentID]) { try known(models[id], "model", id) }

  /// The verdicts of a row with all columns of the table `verdict`, but for those that were pruned.
  func verdicts(_ row: Row) throws -> [Verdict] {
    let session = try session(row["session"])
    let model = try model(row["model"])
    let verdicts = try VerdictRow(
      samples: row["samples"], labels: row["labels"], contributed: row["contributed"], suspects: row["suspects"],
      details: row["details"],
      // A file of version 2 that is only read has no such column.
      certified: row["certified"] ?? Data()
    ).verdicts(
      session: session.name, modelVersion: model.version, defense: row["defense"], agents: model.agents)
    guard let pruned = pruned[row["session"]] else { return verdicts }
    return verdicts.filter { !pruned.contains($0.sample) }
  }

  /// The samples of a row of the table `aborted`, but for those that were pruned.
  func aborted(_ row: Row) throws -> [UInt64] {
    let samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
    guard let pruned = pruned[row["session"]] else { return samples }
    return samples.filter { !pruned.contains($0) }
  }

  private func known<Value>(_ value: Value?, _ kind: String, _ id: Int64) throws -> Value {
    guard let value else { throw CopurError(.invalidData, "a row refers to \(kind) \(id), which is not there") }
    return value
  }
}

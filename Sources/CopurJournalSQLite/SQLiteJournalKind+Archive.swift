internal import CopurCore
public import CopurFusionCenter
internal import Foundation
internal import GRDB

extension SQLiteJournalKind: JournalArchive {
  public func archive(to file: String, _ fill: (any JournalArchiveWriter) throws -> Void) throws -> Int {
    try NewJournalFile.make(file) { partial in
      let queue = try DatabaseQueue(path: partial)
      try queue.write { database in
        try JournalSchema.prepare(database, path: file)
        try fill(ArchiveWriter(database))
        // How old its rounds are counts from now on.
        try JournalSchema.store(
          moment: Int64(Date().timeIntervalSince1970), JournalSchema.lastRows(database), database)
      }
      try queue.close()
    }
  }
}

/// Writes records into a new file, within its transaction.
private final class ArchiveWriter: JournalArchiveWriter {
  private struct Model: Hashable {
    let version: String
    let agents: [AgentID]
  }

  private let database: Database
  private var agents: [AgentID: Int64] = [:]
  private var sessions: [String: Int64] = [:]
  private var models: [Model: Int64] = [:]

  init(_ database: Database) { self.database = database }

  func write(session: String, defense: String) throws { _ = try self.session(session, defense) }

  func write(_ contribution: JournalGroup.Contribution, agents: [AgentID]) throws {
    let agent = try self.agents[contribution.agent] ?? JournalSchema.identifier(ofAgent: contribution.agent, database)
    self.agents[contribution.agent] = agent
    _ = try JournalSchema.insert(
      contribution, session: session(contribution.session, contribution.defense),
      model: model(contribution.modelVersion, agents), agent: agent, database)
  }

  func write(_ verdicts: [Verdict], sessionDefense: String, agents: [AgentID]) throws {
    guard let first = verdicts.first else { return }
    _ = try JournalSchema.insert(
      VerdictRow(verdicts, agents: agents), session: session(first.session, sessionDefense),
      model: model(first.modelVersion, agents), defense: first.defense, database)
  }

  func write(_ abortion: JournalGroup.Abortion) throws {
    _ = try JournalSchema.insert(abortion, session: session(abortion.session, abortion.defense), database)
  }

  func write(pruned: SampleSet, session: String, defense: String) throws {
    try JournalSchema.store(pruned: pruned, session: self.session(session, defense), database)
  }

  private func session(_ name: String, _ defense: String) throws -> Int64 {
    if let known = sessions[name] { return known }
    let new = try JournalSchema.insert(session: name, defense: defense, database)
    sessions[name] = new
    return new
  }

  private func model(_ version: String, _ agents: [AgentID]) throws -> Int64 {
    let model = Model(version: version, agents: agents)
    if let known = models[model] { return known }
    let new = try JournalSchema.insert(model: version, agents: agents, database)
    models[model] = new
    return new
  }
}

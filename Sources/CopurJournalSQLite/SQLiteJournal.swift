public import CopurCore
public import CopurFusionCenter
internal import Foundation
internal import GRDB
internal import Synchronization

/// A journal in one SQLite file: what was appended outlives the process and the machine's power.
///
/// A group is one transaction in WAL mode with `synchronous=FULL`, so its commit returns after the WAL's fsync. What one
/// agent contributed to one session in a group is a row, and so are the verdicts of one session, model and defence. One
/// process writes; others may read meanwhile. <doc:SQLiteJournalFile> says what the tables hold.
public final class SQLiteJournal: Journal {
  private let path: String
  private let roster: AgentRoster
  private let agents: [AgentID: Int64]
  private let queue: DatabaseQueue
  private let index: Mutex<JournalIndex>
  private let acknowledged: AcknowledgedRowsFile
  private let lock: JournalLock

  /// Opens a journal, or makes a new one.
  ///
  /// - Parameters:
  ///   - path: The file; `-wal` and `-shm` files come to lie beside it.
  ///   - roster: The agents whose blocks come.
  /// - Throws: ``CopurError`` of code `.unavailable` if another process writes to it, of `.cannotCreate` if the file
  ///   cannot be opened, of `.invalidData` if it is something else than a journal or of another version, or if rows are
  ///   missing that were acknowledged.
  public init(path: String, roster: AgentRoster) throws {
    self.path = path
    self.roster = roster
    let promised = try AcknowledgedRows(of: path)
    lock = try JournalLock(path: path)
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    let index: JournalIndex
    (queue, agents, index) = try JournalSchema.naming(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        // Once the connection is set up: GRDB itself chooses NORMAL for WAL, which syncs at checkpoints only.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // SQLite's own checkpoints hide their errors.
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try database.execute(sql: "PRAGMA journal_size_limit = \(2 * JournalIndex.checkpointBytes)")
        try database.execute(sql: "PRAGMA cache_size = -16384")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard synchronous == 2 else {
          throw CopurError(
            .software, "a journal is synced at every commit (synchronous, needed: 2, actual: \(synchronous ?? -1))")
        }
      }
      return try queue.write { database in
        try JournalSchema.prepare(database, path: path)
        var agents: [AgentID: Int64] = [:]
        for agent in roster.agents { agents[agent] = try JournalSchema.identifier(ofAgent: agent, database) }
        let names = try JournalNames(database)
        let ownAgents = roster.agents
        let index = JournalIndex(
          sessions: Dictionary(uniqueKeysWithValues: names.sessions.map { ($0.value.name, $0.key) }),
          models: Dictionary(
            uniqueKeysWithValues: names.models.filter { $0.value.agents == ownAgents }.map {
              ($0.value.version, $0.key)
            }), lastRows: try JournalSchema.lastRows(database))
        if let missing = promised?.missing(in: index.lastRows), !missing.isEmpty {
          throw CopurError(
            .invalidData,
            "\(path): \(missing.joined(separator: "; ")): the file or its -wal is not the one that was written. Put them "
              + "back, or keep what is whole by `copur journal salvage`; to go on without those rows, remove "
              + AcknowledgedRows.file(of: path))
        }
        return (queue, agents, index)
      }
    }
    acknowledged = try AcknowledgedRowsFile(beside: path, index.lastRows)
    self.index = Mutex(index)
  }

  deinit {
    // The last connection's end copies the WAL and syncs again, which is not to be done after a failed fsync.
    if index.withLock({ $0.hasFailed }) { _ = Unmanaged.passRetained(queue) } else { try? queue.close() }
  }

  public var isDurable: Bool { true }

  public func recover(remembering rounds: Int) async throws -> JournalRecovery {
    do {
      let scan = try await queue.read { try JournalScan($0, remembering: rounds) }
      index.withLock { $0.recovered(open: scan.firstRows) }
      return scan.recovery
    } catch let error as CopurError {
      throw CopurError(error.code, "\(path): \(error.message)", cause: error.cause)
    } catch {
      throw CopurError(.io, "\(path): the journal cannot be read", cause: error)
    }
  }

  public func append(_ group: JournalGroup) async throws {
    let (hasFailed, isCheckpointDue) = index.withLock { ($0.hasFailed, $0.isCheckpointDue) }
    guard !hasFailed else { throw CopurError(.io, "\(path): the journal has failed before") }
    do {
      // Before the group rather than after it, so that an error here leaves the group as it was: not stored.
      if isCheckpointDue { try await checkpoint() }
      let now = Int64(Date().timeIntervalSince1970)
      let (floor, before) = index.withLock { ($0.floor, $0.isMomentDue(at: now) ? $0.lastRows : nil) }
      let written = try await queue.write { database in
        if let floor { try JournalSchema.store(floor: floor, database) }
        if let before { try JournalSchema.store(moment: now, before, database) }
        return try self.write(group, to: database)
      }
      let rows = index.withLock { index in
        index.committed(group, written)
        if before != nil { index.momentStored(at: now) }
        return index.lastRows
      }
      try acknowledged.write(rows)
    } catch let error as DatabaseError where error.saysFull {
      throw JournalFull(cause: error)
    } catch {
      index.withLock { $0.failed() }
      throw CopurError(.io, "\(path): the journal cannot be written", cause: error)
    }
  }

  /// Copies the WAL into the database file, so that the next group begins it anew.
  private func checkpoint() async throws {
    let frames = try await queue.writeWithoutTransaction { database in
      // busy, frames in the WAL, frames copied
      let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
      return (all: row?[1] as Int? ?? 0, copied: row?[2] as Int? ?? 0)
    }
    index.withLock { $0.checkpointed(all: frames.all, copied: frames.copied) }
  }

  private func write(_ group: JournalGroup, to database: Database) throws -> JournalIndex.Written {
    let (sessions, models) = index.withLock { ($0.sessions, $0.models) }
    var written = JournalIndex.Written()
    func session(_ name: String, _ defense: String) throws -> Int64 {
      if let known = sessions[name] ?? written.sessions[name] { return known }
      let new = try JournalSchema.insert(session: name, defense: defense, database)
      written.sessions[name] = new
      return new
    }
    func model(_ version: String) throws -> Int64 {
      if let known = models[version] ?? written.models[version] { return known }
      let new = try JournalSchema.insert(model: version, agents: roster.agents, database)
      written.models[version] = new
      return new
    }

    for contribution in group.contributions {
      let sequence = try JournalSchema.insert(
        contribution, session: session(contribution.session, contribution.defense),
        model: model(contribution.modelVersion), agent: agents[contribution.agent]!, database)
      written.contributions.append(sequence)
      written.pages +=
        contribution.samples.count * (16 + contribution.values.count * 4 / contribution.samples.count) / 2048
    }
    for verdicts in group.verdicts.runs {
      let row = VerdictRow(verdicts, agents: roster.agents)
      written.verdicts.append(
        try JournalSchema.insert(
          row, session: session(verdicts[verdicts.startIndex].session, verdicts[verdicts.startIndex].defense),
          model: model(verdicts[verdicts.startIndex].modelVersion), defense: verdicts[verdicts.startIndex].defense,
          database))
      written.pages += (row.detailCount + 32 * verdicts.count) / 2048
    }
    for abortion in group.abortions {
      written.aborted.append(
        try JournalSchema.insert(abortion, session: session(abortion.session, abortion.defense), database))
      written.pages += abortion.samples.count * 8 / 2048
    }
    return written
  }
}

extension DatabaseError {
  /// Whether nothing is wrong but that there is no room: the transaction was rolled back, and can be run again.
  fileprivate var saysFull: Bool {
    // The latter: the WAL's index could not grow.
    resultCode == .SQLITE_FULL || extendedResultCode == .SQLITE_IOERR_SHMSIZE
  }
}

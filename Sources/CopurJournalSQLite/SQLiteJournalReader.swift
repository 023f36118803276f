internal import CopurCore
public import CopurFusionCenter
internal import Foundation
internal import GRDB

/// A journal in an SQLite file, read.
public final class SQLiteJournalReader: JournalReader {
  let path: String
  let queue: DatabaseQueue
  /// The copy that is read where the journal itself cannot be opened.
  private let copy: JournalCopy?
  /// The number of rows that are read at a time: a reader that stays keeps the WAL of a running service from being begun
  /// anew.
  static let rowsAtATime = 64

  /// Opens a journal for reading alone. One on a medium that cannot be written, where SQLite cannot keep the index of the WAL,
  /// is copied to a temporary folder first.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if there is no such file, of `.invalidData` if it is no journal of
  ///   this version, of `.cannotCreate` if it cannot be opened.
  public init(path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw CopurError(.missingInput, "\(path): there is no such journal")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    func open(_ file: String) throws -> DatabaseQueue {
      let queue = try DatabaseQueue(path: file, configuration: configuration)
      _ = try queue.read { try JournalSchema.check($0, path: path) }
      return queue
    }
    (queue, copy) = try JournalSchema.naming(path) {
      do {
        return (try open(path), nil)
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
      {
        let copy = try JournalCopy(of: path)
        return (try open(copy.path), copy)
      }
    }
  }

  public var name: String { path }

  public func forEachRound(session: String?, _ body: (JournalRound) throws -> Void) throws {
    try reading {
      try forEachRow(of: "verdict") { row, names in
        let agents = try names.model(row["model"]).agents
        for verdict in try names.verdicts(row) where session == nil || verdict.session == session {
          try body(JournalRound(verdict, agents: agents))
        }
      }
      for round in try aborted() + open() where session == nil || round.session == session { try body(round) }
    }
  }

  /// Reads a table's rows in their order, a few in each transaction.
  func forEachRow(of table: String, _ body: (Row, JournalNames) throws -> Void) throws {
    var last: Int64 = .min
    while true {
      let (rows, names) = try queue.read { database in
        (
          try Row.fetchAll(
            database, sql: "SELECT * FROM \(table) WHERE sequence > ? ORDER BY sequence LIMIT ?",
            arguments: [last, Self.rowsAtATime]),
          try JournalNames(database)
        )
      }
      guard let final = rows.last else { return }
      last = final["sequence"]
      for row in rows { try body(row, names) }
    }
  }

  /// Gives errors of GRDB's words of our own.
  func reading<Result>(_ read: () throws -> Result) throws -> Result {
    do {
      return try read()
    } catch let error as CopurError {
      throw error.message.hasPrefix(path)
        ? error : CopurError(error.code, "\(path): \(error.message)", cause: error.cause)
    } catch let error as DatabaseError {
      let isBroken = error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
      throw CopurError(isBroken ? .invalidData : .io, "\(path): the journal cannot be read", cause: error)
    }
  }

  private func open() throws -> [JournalRound] {
    let recovery = try queue.read { try JournalScan($0, remembering: 0).recovery }
    let defenses = Dictionary(uniqueKeysWithValues: recovery.sessions.map { ($0.name, $0.defense) })
    return recovery.open.map { round in
      JournalRound(
        session: round.session, sample: round.sample, status: .open, contributed: round.blocks.map(\.agent).sorted(),
        modelVersion: round.blocks[0].modelVersion, defense: defenses[round.session] ?? "", reason: nil)
    }
  }

  private func aborted() throws -> [JournalRound] {
    var rounds: [(session: Int64, sample: UInt64, name: String, defense: String, reason: String)] = []
    try forEachRow(of: "aborted") { row, names in
      let session = try names.session(row["session"])
      for sample in try names.aborted(row) {
        rounds.append((row["session"], sample, session.name, session.defense, row["reason"]))
      }
    }
    guard !rounds.isEmpty else { return [] }
    // Rounds are given up at a start alone, so there are few of them: their contributors are looked for.
    let wanted = Set(rounds.map { JournalIndex.RoundKey(session: $0.session, sample: $0.sample) })
    var blocks: [JournalIndex.RoundKey: (agents: [AgentID], modelVersion: String)] = [:]
    try forEachRow(of: "contribution") { row, names in
      for sample in try JournalBytes.numbers(row["samples"], of: UInt64.self) {
        let key = JournalIndex.RoundKey(session: row["session"], sample: sample)
        guard wanted.contains(key) else { continue }
        let version = try names.model(row["model"]).version
        blocks[key, default: ([], version)].agents.append(try names.agent(row["agent"]))
      }
    }
    return rounds.map { round in
      let known = blocks[JournalIndex.RoundKey(session: round.session, sample: round.sample)]
      return JournalRound(
        session: round.name, sample: round.sample, status: .aborted, contributed: known?.agents.sorted() ?? [],
        modelVersion: known?.modelVersion ?? "", defense: round.defense, reason: round.reason)
    }
  }
}

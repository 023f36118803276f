internal import CopurCore
internal import Foundation
internal import GRDB

extension JournalReader {
  /// Checks a journal: the file by SQLite's `integrity_check`; each block against its fingerprint; that a session has one
  /// block an agent and sample, and one verdict a sample; that a verdict's contributors are the agents that have a block;
  /// and that no round was both decided and given up.
  ///
  /// A service may write meanwhile: what it stores after the check began is not a fault.
  ///
  /// - Throws: ``CopurError`` if the file cannot be read at all. What is wrong in it is in the report.
  public func verify() throws -> JournalReport {
    try reading {
      var check = JournalCheck()
      for line in try queue.read({ try String.fetchAll($0, sql: "PRAGMA integrity_check(10)") }) where line != "ok" {
        check.report.found("integrity_check: \(line)")
      }
      // Verdicts last: their blocks are there by then, however much is stored meanwhile.
      try queue.read { database in
        let names = try JournalNames(database)
        for table in ["contribution", "verdict", "aborted"] {
          let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(table) ORDER BY sequence")
          while let row = try rows.next() { check.read(row, of: table, names) }
        }
        check.report.sessions = names.sessions.count
      }
      check.countOpen()
      return check.report
    }
  }
}

/// What a check has seen so far.
private struct JournalCheck {
  private struct Speaker: Hashable {
    let session: Int64
    let agent: AgentID
  }

  var report = JournalReport()
  private var blocks: [Speaker: SampleSet] = [:]
  private var contributed: [Int64: SampleSet] = [:]
  private var contributedCount = 0
  private var decided: [Int64: SampleSet] = [:]
  private var aborted: [Int64: SampleSet] = [:]

  mutating func read(_ row: Row, of table: String, _ names: JournalNames) {
    do {
      switch table {
      case "contribution": try readContribution(row, names)
      case "verdict": try readVerdicts(row, names)
      default: try readAborted(row, names)
      }
    } catch {
      report.found("\(table) \(row["sequence"] as Int64): \(error)")
    }
  }

  mutating func countOpen() { report.open = contributedCount - report.decided - report.aborted + withoutBlocks }

  /// Rounds that were decided with every agent missing.
  private var withoutBlocks = 0

  private mutating func readContribution(_ row: Row, _ names: JournalNames) throws {
    let (session, name) = (row["session"] as Int64, try names.session(row["session"]).name)
    let agent = try names.agent(row["agent"])
    _ = try names.model(row["model"])
    let samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
    let hashes = try JournalBytes.numbers(row["hashes"], of: UInt64.self)
    let values = try JournalBytes.numbers(row["payload"], of: Float.self)
    guard !samples.isEmpty, hashes.count == samples.count, !values.isEmpty, values.count % samples.count == 0 else {
      throw CopurError(
        .invalidData,
        "a hash and a block a sample (samples: \(samples.count), hashes: \(hashes.count), values: \(values.count))")
    }
    let width = values.count / samples.count
    for (position, sample) in samples.enumerated() {
      report.blocks += 1
      if BlockHash.of(values[position * width..<(position + 1) * width]) != hashes[position] {
        report.found("session \"\(name)\", sample \(sample), agent \(agent): the block is not the one that was stored")
      }
      if !blocks[Speaker(session: session, agent: agent), default: SampleSet()].insert(sample) {
        report.found("session \"\(name)\", sample \(sample), agent \(agent): there are two blocks")
      }
      if contributed[session, default: SampleSet()].insert(sample) { contributedCount += 1 }
    }
  }

  private mutating func readVerdicts(_ row: Row, _ names: JournalNames) throws {
    let session = row["session"] as Int64
    for verdict in try names.verdicts(row) {
      report.decided += 1
      let round = "session \"\(verdict.session)\", sample \(verdict.sample)"
      if !decided[session, default: SampleSet()].insert(verdict.sample) {
        report.found("\(round): there are two verdicts")
      }
      if verdict.contributed.isEmpty { withoutBlocks += 1 }
      for (agents, isThere) in [(verdict.contributed, true), (verdict.missing, false)] {
        for agent in agents {
          let hasBlock = blocks[Speaker(session: session, agent: agent)]?.contains(verdict.sample) == true
          if hasBlock != isThere {
            report.found(
              "\(round): the verdict says that agent \(agent) \(isThere ? "contributed" : "was missing"), and a block "
                + "of it is \(hasBlock ? "stored" : "not stored")")
          }
        }
      }
    }
  }

  private mutating func readAborted(_ row: Row, _ names: JournalNames) throws {
    let (session, name) = (row["session"] as Int64, try names.session(row["session"]).name)
    for sample in try JournalBytes.numbers(row["samples"], of: UInt64.self) {
      report.aborted += 1
      if !aborted[session, default: SampleSet()].insert(sample) {
        report.found("session \"\(name)\", sample \(sample): the round was given up twice")
      }
      if decided[session]?.contains(sample) == true {
        report.found("session \"\(name)\", sample \(sample): the round was decided and given up")
      }
    }
  }
}

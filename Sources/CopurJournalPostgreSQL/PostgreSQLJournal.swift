public import CopurCore
public import CopurFusionCenter

/// A journal in a PostgreSQL database: what was appended outlives this process, and the database's as far as its settings
/// promise.
///
/// A group is one transaction that goes in one round trip. One fusion center writes to a schema; others may read meanwhile.
/// <doc:PostgreSQLDatabase> says what the tables hold.
public final class PostgreSQLJournal: Journal {
  private let queue: PostgreSQLQueue
  private let writer: PostgreSQLWriter

  /// Opens a journal, or makes a new one.
  ///
  /// - Parameters:
  ///   - location: The URL.
  ///   - roster: The agents whose blocks come.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL is none, of `.unavailable` if another fusion center writes to
  ///   the journal, of `.cannotCreate` if the database cannot be reached or does not keep what it has acknowledged, of
  ///   `.invalidData` if the schema is something else than a journal of this version.
  public init(at location: JournalLocation, roster: AgentRoster) async throws {
    let address = try PostgreSQLAddress(location)
    let queue = PostgreSQLQueue()
    self.queue = queue
    writer = try await queue.run { try PostgreSQLWriter(address, roster: roster) }
  }

  public var isDurable: Bool { true }

  public func recover(remembering rounds: Int) async throws -> JournalRecovery {
    try await queue.run { [writer] in try writer.recover(remembering: rounds) }
  }

  public func append(_ group: JournalGroup) async throws {
    try await queue.run { [writer] in try writer.append(group) }
  }
}

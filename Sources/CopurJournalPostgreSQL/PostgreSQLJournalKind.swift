public import CopurCore
public import CopurFusionCenter

/// Journals in PostgreSQL databases: `postgresql://[USER@]HOST[:PORT]/DATABASE[?schema=NAME&lease=SECONDS]`.
public struct PostgreSQLJournalKind: JournalKind {
  /// Creates the kind; it has no settings.
  public init() {}

  public var scheme: String { "postgresql" }

  public func journal(at location: JournalLocation, roster: AgentRoster) async throws -> any Journal {
    try await PostgreSQLJournal(at: location, roster: roster, address: "a fusion center without an address")
  }

  public func journal(
    at location: JournalLocation, roster: AgentRoster, address: String
  ) async throws -> any Journal {
    try await PostgreSQLJournal(at: location, roster: roster, address: address)
  }

  public func reader(at location: JournalLocation) async throws -> any JournalReader {
    try await PostgreSQLJournalReader(at: location)
  }
}

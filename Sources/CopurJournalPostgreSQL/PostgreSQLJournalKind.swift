public import CopurCore
public import CopurFusionCenter

/// Journals in PostgreSQL databases: `postgresql://[USER@]HOST[:PORT]/DATABASE[?schema=NAME&lease=SECONDS]`.
public struct PostgreSQLJournalKind: JournalKind {
  /// The archive that copies go to; nil: there are none.
  private let archive: (any JournalArchive)?

  /// - Parameter archive: The kind of journal that copies are of; nil: none are made.
  public init(archive: (any JournalArchive)? = nil) { self.archive = archive }

  public var scheme: String { "postgresql" }

  public func journal(at location: JournalLocation, roster: AgentRoster) async throws -> any Journal {
    try await PostgreSQLJournal(at: location, roster: roster, address: "a fusion center without an address")
  }

  public func journal(
    at location: JournalLocation, roster: AgentRoster, address: String
  ) async throws -> any Journal {
    try await PostgreSQLJournal(at: location, roster: roster, address: address)
  }

  public func prune(_ location: JournalLocation, _ pruning: JournalPruning) async throws -> PruningReport {
    let address = try PostgreSQLAddress(location)
    return try await PostgreSQLQueue().run {
      do {
        return try PostgreSQLPruner(address, pruning).prune()
      } catch let error as PostgreSQLError {
        throw CopurError(.io, "\(address.name): the journal cannot be pruned", cause: error)
      } catch let error as CopurError where !error.message.hasPrefix(address.name) {
        throw CopurError(error.code, "\(address.name): \(error.message)", cause: error.cause)
      }
    }
  }

  /// Removes a journal with everything that is stored in it.
  package func remove(_ location: JournalLocation) async throws {
    let address = try PostgreSQLAddress(location)
    try await PostgreSQLQueue().run {
      do {
        try PostgreSQLConnection(address).runAll("DROP SCHEMA IF EXISTS \(address.schema) CASCADE")
      } catch let error as PostgreSQLError {
        throw CopurError(.io, "\(address.name): the journal cannot be removed", cause: error)
      }
    }
  }

  public func backUp(_ location: JournalLocation, to file: String) async throws -> Int {
    guard let archive else {
      throw CopurError(.invalidArgument, "journals of the scheme \(scheme) are not backed up by this program")
    }
    return try await PostgreSQLJournalReader(at: location).backUp(to: file, in: archive)
  }

  public func reader(at location: JournalLocation) async throws -> any JournalReader {
    try await PostgreSQLJournalReader(at: location)
  }
}

public import CopurCore
public import CopurFusionCenter

/// A journal in a PostgreSQL database: what was appended outlives this process, and the database's as far as its settings
/// promise.
///
/// A group is one transaction that goes in one round trip. Several fusion centers write to a schema, each in sessions of its
/// own; others may read meanwhile. <doc:PostgreSQLDatabase> says what the tables hold.
public final class PostgreSQLJournal: SharedJournal {
  public let address: String
  public let renewalInterval: Duration
  private let queue: PostgreSQLQueue
  private let writer: PostgreSQLWriter
  private let heartbeatQueue = PostgreSQLQueue()
  private let heartbeat: PostgreSQLHeartbeat

  /// Opens a journal, or makes a new one.
  ///
  /// - Parameters:
  ///   - location: The URL.
  ///   - roster: The agents whose blocks come.
  ///   - address: By which other fusion centers name this one; no two of one address write at once, and one that begins again
  ///     has its sessions at once.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL is none, of `.unavailable` if another fusion center of the
  ///   address writes to the journal, of `.cannotCreate` if the database cannot be reached or does not keep what it has
  ///   acknowledged, of `.invalidData` if the schema is something else than a journal of this version.
  public init(at location: JournalLocation, roster: AgentRoster, address: String) async throws {
    let database = try PostgreSQLAddress(location)
    let queue = PostgreSQLQueue()
    self.queue = queue
    self.address = address
    // Two may come late, and the third is in time.
    renewalInterval = .milliseconds(database.lease) / 4
    let writer = try await queue.run { try PostgreSQLWriter(database, roster: roster, ownAddress: address) }
    self.writer = writer
    heartbeat = PostgreSQLHeartbeat(database, center: writer.center, epoch: writer.epoch)
  }

  public var isDurable: Bool { true }

  public func recover(remembering rounds: Int) async throws -> JournalRecovery {
    try await queue.run { [writer] in
      do { return try writer.recover(remembering: rounds) } catch let error as JournalUnreachable {
        throw CopurError(.io, "\(writer.address.name): the journal cannot be read", cause: error)
      }
    }
  }

  public func append(_ group: JournalGroup) async throws {
    try await queue.run { [writer] in try writer.append(group) }
  }

  public func claim(_ session: String, remembering rounds: Int) async throws -> SessionClaim {
    try await queue.run { [writer] in try writer.claim(session, remembering: rounds) }
  }

  public func holder(of session: String) async throws -> SessionHolder? {
    try await queue.run { [writer] in try writer.otherHolder(of: session) }
  }

  public func renew() async throws -> Bool {
    try await heartbeatQueue.run { [heartbeat] in try heartbeat.renew() }
  }

  public func reconcile(remembering rounds: Int, takesOver: Bool) async throws -> LeaseChanges {
    try await queue.run { [writer] in try writer.reconcile(remembering: rounds, takesOver: takesOver) }
  }
}

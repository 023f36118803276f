internal import CopurCore
internal import CopurFusionCenter

/// The renewals of a center's leases, over a connection of their own: a commit that takes long does not hold them up.
final class PostgreSQLHeartbeat: @unchecked Sendable {
  private let address: PostgreSQLAddress
  private let center: Int64
  private let epoch: Int64
  private var connection: PostgreSQLConnection?
  /// The number of times that others had taken sessions over; nil: not known yet.
  private var losses: Int64?

  init(_ address: PostgreSQLAddress, center: Int64, epoch: Int64) {
    self.address = address
    self.center = center
    self.epoch = epoch
  }

  /// Renews the leases, by the database's clock.
  ///
  /// - Returns: Whether sessions were lost since the last time, or there are some to take over.
  /// - Throws: ``JournalUnreachable``; ``CopurError`` of code `.io` if another center of the address has begun.
  func renew() throws -> Bool {
    do {
      let connection = try self.connection ?? PostgreSQLConnection(address)
      self.connection = connection
      let row = try connection.run(
        """
        UPDATE \(address.schema).center
        SET since = CASE WHEN expires < clock_timestamp() THEN clock_timestamp() ELSE since END,
          expires = clock_timestamp() + lease
        WHERE id = $1 AND epoch = $2 RETURNING losses
        """, .integer(center), .integer(epoch)
      ).first
      guard let row else {
        throw CopurError(
          .io, "\(address.name): another fusion center of the same address has taken the journal over")
      }
      let now = try row.integer(0)
      let hasLost = losses.map { $0 != now } ?? true
      losses = now
      return try hasLost || !PostgreSQLTakeover(address.schema).gone(for: center, connection).isEmpty
    } catch let error as PostgreSQLError {
      connection = nil
      throw JournalUnreachable(cause: error)
    }
  }
}

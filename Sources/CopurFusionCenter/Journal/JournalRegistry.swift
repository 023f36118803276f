public import CopurCore

/// The kinds of journals that a program knows, by the schemes of their URLs.
public struct JournalRegistry: Sendable {
  private let kinds: [any JournalKind]

  /// - Parameter kinds: At least one, no two of one scheme. Plain paths are the first one's.
  public init(_ kinds: [any JournalKind]) {
    precondition(!kinds.isEmpty && Set(kinds.map(\.scheme)).count == kinds.count)
    self.kinds = kinds
  }

  /// The schemes of the kinds, in their order.
  public var schemes: [String] { kinds.map(\.scheme) }

  /// Finds the kind of a journal.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the location's scheme is no kind's.
  public func kind(of location: JournalLocation) throws -> any JournalKind {
    guard let scheme = location.scheme else { return kinds[0] }
    guard let kind = kinds.first(where: { $0.scheme == scheme }) else {
      // The scheme alone: the rest may hold a password.
      throw CopurError(
        .invalidArgument,
        "a journal is a path, or a URL of the scheme \(schemes.joined(separator: " or ")); a file whose name has a colon "
          + "is ./NAME (actual scheme: \"\(scheme)\")")
    }
    return kind
  }

  /// Opens a journal for writing, or makes a new one.
  ///
  /// - Parameter address: By which other centers name this one, where several may write; nil: none does.
  /// - Throws: As ``kind(of:)`` and ``JournalKind/journal(at:roster:address:)``.
  public func journal(at location: JournalLocation, roster: AgentRoster, address: String? = nil) async throws
    -> any Journal
  {
    let kind = try kind(of: location)
    guard let address else { return try await kind.journal(at: location, roster: roster) }
    return try await kind.journal(at: location, roster: roster, address: address)
  }

  /// Opens a journal for reading alone.
  ///
  /// - Throws: As ``kind(of:)`` and ``JournalKind/reader(at:)``.
  public func reader(at location: JournalLocation) async throws -> any JournalReader {
    try await kind(of: location).reader(at: location)
  }
}

/// A journal, read: also while a service writes to it, and after one that was killed. A reader never writes.
public protocol JournalReader: Sendable {
  /// The journal's name in messages: its path, or its URL without a password.
  var name: String { get }

  /// Tells of every round: the decided ones in the order of their verdicts, then those that were given up, then the open
  /// ones in the order of their first blocks.
  ///
  /// - Parameter session: The session; nil: all.
  /// - Throws: ``CopurError`` of code `.invalidData` if a record cannot be understood, of `.io` if one cannot be read; what
  ///   `body` throws.
  func forEachRound(session: String?, _ body: (JournalRound) throws -> Void) async throws

  /// Checks a journal: that its storage is whole; each block against its fingerprint; and all that ``JournalCheck`` checks.
  ///
  /// A service may write meanwhile: what it stores after the check began is not a fault.
  ///
  /// - Throws: ``CopurError`` if the journal cannot be read at all. What is wrong in it is in the report.
  func verify() async throws -> JournalReport
}

extension JournalReader {
  /// Tells of every round of every session.
  ///
  /// - Throws: As ``forEachRound(session:_:)``.
  public func forEachRound(_ body: (JournalRound) throws -> Void) async throws {
    try await forEachRound(session: nil, body)
  }
}

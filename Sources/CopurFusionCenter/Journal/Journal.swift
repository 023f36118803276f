/// A journal, written: it stores accepted blocks and verdicts before anybody is told of them.
///
/// The fusion center makes one call at a time, ``recover(remembering:)`` first, and sends the receipts of a group only
/// after its ``append(_:)`` has returned. A new kind of journal is a module with this protocol, ``JournalReader`` and
/// ``JournalKind``; nothing else knows where a journal lies.
public protocol Journal: Sendable {
  /// Whether what was appended outlives the process and the machine's power.
  var isDurable: Bool { get }

  /// Reads what earlier runs left.
  ///
  /// - Parameter rounds: The most closed rounds to tell of one by one, the latest; at least 0.
  /// - Throws: ``CopurError`` of code `.invalidData` if what is stored cannot be understood, of `.io` if it cannot be read.
  func recover(remembering rounds: Int) async throws -> JournalRecovery

  /// Stores a group as one: all of it or nothing. Returns once it is stored, and durably so where ``isDurable`` says that.
  ///
  /// - Throws: ``JournalFull`` if there was no room: nothing of the group is stored, and it may be appended again.
  ///   ``JournalUnreachable`` if what stores it is away: the same group may be appended again, and is stored once. After any other error nobody knows what is stored, and nothing may be appended any more.
  func append(_ group: JournalGroup) async throws
}

/// The disk is full: nothing of a group is stored, and nothing that was stored before is lost.
public struct JournalFull: Error, CustomStringConvertible {
  /// The error of the system or the database.
  public let cause: any Error

  /// - Parameter cause: The error of the system or the database.
  public init(cause: any Error) { self.cause = cause }

  public var description: String { "there is no room for the journal (\(cause))" }
}

/// The journal's store is away for now: a group is stored once that it is appended again, and nothing that was stored before
/// is lost.
public struct JournalUnreachable: Error, CustomStringConvertible {
  /// The error of the connection or the database.
  public let cause: any Error

  /// - Parameter cause: The error of the connection or the database.
  public init(cause: any Error) { self.cause = cause }

  public var description: String { "the journal cannot be reached (\(cause))" }
}

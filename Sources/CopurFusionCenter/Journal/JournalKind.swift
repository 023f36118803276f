public import CopurCore

/// A kind of journal: the scheme that its URLs have, and how a journal of the kind is opened.
///
/// ```swift
/// let registry = JournalRegistry([SQLiteJournalKind(), MyJournalKind()])
/// let journal = try await registry.journal(at: JournalLocation("mine://host/rounds"), roster: bundle.roster)
/// ```
public protocol JournalKind: Sendable {
  /// The scheme of its URLs (RFC 3986, section 3.1), in lower case, such as "sqlite".
  var scheme: String { get }

  /// Opens a journal for writing, or makes a new one.
  ///
  /// - Parameters:
  ///   - location: A URL of this kind's scheme; a plain path too, if the kind is the registry's first.
  ///   - roster: The agents whose blocks come.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL is none of this kind, of `.unavailable` if another
  ///   process writes to the journal, of `.cannotCreate` if it cannot be opened, of `.invalidData` if it is something else
  ///   than a journal or of another version.
  func journal(at location: JournalLocation, roster: AgentRoster) async throws -> any Journal

  /// Opens a journal for writing in which other fusion centers may write, too; of a kind that is one center's alone as
  /// ``journal(at:roster:)`` does.
  ///
  /// - Parameter address: By which the other centers name this one to agents and clients.
  /// - Throws: As ``journal(at:roster:)``.
  func journal(at location: JournalLocation, roster: AgentRoster, address: String) async throws -> any Journal

  /// Opens a journal for reading alone.
  ///
  /// - Parameter location: As for ``journal(at:roster:)``.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL is none of this kind, of `.missingInput` if there is no
  ///   such journal, of `.invalidData` if it is no journal of this version, of `.cannotCreate` if it cannot be opened.
  func reader(at location: JournalLocation) async throws -> any JournalReader

  /// Takes the whole rounds out of a journal that is damaged.
  ///
  /// - Parameters:
  ///   - location: The damaged journal, which stays as it is.
  ///   - target: Where a new one is made.
  /// - Throws: ``CopurError``: `.cannotCreate` if something is there, `.invalidData` if nothing can be read.
  func salvage(_ location: JournalLocation, to target: JournalLocation) async throws -> SalvageReport

  /// Removes rounds that were closed long ago. They stay closed: a block that comes for one is refused, not counted anew.
  ///
  /// Open rounds and sessions' names and defences stay. A service may write meanwhile.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if there is no such journal, or no such session in it, `.invalidData` if it is no
  ///   journal of this version, `.io` if it cannot be written. What was pruned before an error stays pruned, whole rounds.
  func prune(_ location: JournalLocation, _ pruning: JournalPruning) async throws -> PruningReport

  /// Writes a copy as of one moment into a new SQLite file, which is a journal; a service may write meanwhile.
  ///
  /// - Parameters:
  ///   - location: The journal, which stays as it is.
  ///   - file: The path of the copy. It appears once it is whole and on the disk.
  /// - Returns: How many bytes the copy has.
  /// - Throws: ``CopurError``: `.cannotCreate` if something is there or cannot be written, else as ``reader(at:)``.
  func backUp(_ location: JournalLocation, to file: String) async throws -> Int
}

extension JournalKind {
  /// A kind that is one center's alone.
  public func journal(
    at location: JournalLocation, roster: AgentRoster, address: String
  ) async throws -> any Journal {
    try await journal(at: location, roster: roster)
  }

  /// A kind that cannot: ``CopurError`` of code `.invalidArgument`.
  public func salvage(_ location: JournalLocation, to target: JournalLocation) async throws -> SalvageReport {
    throw CopurError(.invalidArgument, "journals of the scheme \(scheme) are not salvaged by this program")
  }

  /// A kind that cannot: ``CopurError`` of code `.invalidArgument`.
  public func prune(_ location: JournalLocation, _ pruning: JournalPruning) async throws -> PruningReport {
    throw CopurError(.invalidArgument, "journals of the scheme \(scheme) are not pruned by this program")
  }

  /// A kind that cannot: ``CopurError`` of code `.invalidArgument`.
  public func backUp(_ location: JournalLocation, to file: String) async throws -> Int {
    throw CopurError(.invalidArgument, "journals of the scheme \(scheme) are not backed up by this program")
  }
}

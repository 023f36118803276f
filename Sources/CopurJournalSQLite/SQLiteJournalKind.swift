public import CopurCore
public import CopurFusionCenter
internal import Foundation

/// Journals in SQLite files: `sqlite:PATH`, `sqlite:///ABSOLUTE/PATH`, or the plain path.
public struct SQLiteJournalKind: JournalKind {
  /// Creates the kind; it has no settings.
  public init() {}

  public var scheme: String { "sqlite" }

  public func journal(at location: JournalLocation, roster: AgentRoster) throws -> any Journal {
    try SQLiteJournal(path: path(of: location), roster: roster)
  }

  public func reader(at location: JournalLocation) throws -> any JournalReader {
    try SQLiteJournalReader(path: path(of: location))
  }

  public func salvage(_ location: JournalLocation, to target: JournalLocation) throws -> SalvageReport {
    var salvage = try JournalSalvage(of: path(of: location))
    return try salvage.write(to: path(of: target))
  }

  public func prune(_ location: JournalLocation, _ pruning: JournalPruning) throws -> PruningReport {
    let path = try path(of: location)
    return pruning.isDryRun
      ? try SQLiteJournalReader(path: path).prunable(pruning) : try JournalPruner(path: path).prune(pruning)
  }

  public func backUp(_ location: JournalLocation, to file: String) throws -> Int {
    try SQLiteJournalReader(path: path(of: location)).backUp(to: file)
  }

  /// The file that a location names; in a URL, `%20` stands for a space, as in every URL (RFC 3986, section 2.1).
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL names a host, has settings or names no file.
  package func path(of location: JournalLocation) throws -> String {
    guard location.scheme != nil else { return location.text }
    guard let url = URLComponents(string: location.text), (url.host ?? "").isEmpty, url.user == nil, url.port == nil,
      url.query == nil, url.fragment == nil, !url.path.isEmpty, !url.path.contains("\0")
    else {
      throw CopurError(
        .invalidArgument,
        "an SQLite journal is a file of this machine: PATH, \(scheme):PATH or \(scheme):///ABSOLUTE/PATH, with ? and # as "
          + "%3F and %23 in a URL (actual: \"\(location.text)\")")
    }
    return url.path
  }
}

public import CopurCore

/// A kind of journal whose files take copies of journals of other kinds.
public protocol JournalArchive: Sendable {
  /// Makes a journal of records.
  ///
  /// - Parameters:
  ///   - file: The path of the copy, which appears once it is whole and on the disk; nothing may be there.
  ///   - fill: Writes every record of the other journal.
  /// - Returns: How many bytes the copy has.
  /// - Throws: ``CopurError`` of code `.cannotCreate` if something is there or cannot be written; what `fill` throws.
  func archive(to file: String, _ fill: (any JournalArchiveWriter) throws -> Void) throws -> Int
}

/// A new journal, to be filled with the records of another one: all sessions first, then all contributions, then all verdicts, in
/// their order.
public protocol JournalArchiveWriter: AnyObject {
  func write(session: String, defense: String) throws

  /// - Parameter agents: Those of the model, in its order.
  func write(_ contribution: JournalGroup.Contribution, agents: [AgentID]) throws

  /// - Parameters:
  ///   - verdicts: At least one; of one session, model and defence.
  ///   - sessionDefense: The defence of the session.
  ///   - agents: Those of the model, in its order.
  func write(_ verdicts: [Verdict], sessionDefense: String, agents: [AgentID]) throws

  func write(_ abortion: JournalGroup.Abortion) throws

  /// - Parameters:
  ///   - pruned: Rounds of a session that are closed, and of which nothing is there any more.
  ///   - defense: The session's.
  func write(pruned: SampleSet, session: String, defense: String) throws
}

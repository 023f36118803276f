/// Counts of what was taken out of a damaged journal, and of what was not.
public struct SalvageReport: Hashable, Sendable, Encodable {
  /// Blocks that are whole.
  public var blocks = 0
  /// Verdicts whose contributors' blocks are all whole.
  public var decided = 0
  /// Rounds that were given up, before or because their verdict may be lost.
  public var aborted = 0
  /// Blocks that do not agree with their fingerprints.
  public var lostBlocks = 0
  /// Verdicts whose blocks are not all there.
  public var lostVerdicts = 0
  /// The number of rows of a table that could not be read, by the table's name.
  public var lostRows: [String: Int] = [:]
  /// Whether the beginning of the file was destroyed, and was written anew.
  public var headerWasRewritten = false

  /// Nothing taken out yet.
  public init() {}
}

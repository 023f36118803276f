public import CopurCore

/// Where accepted blocks and verdicts go before anybody is told of them.
///
/// The fusion center makes one call at a time, and sends the receipts of a group only after its call has returned. The
/// first call that throws is the last one: the service then takes nothing more.
public protocol Journal: Sendable {
  /// Whether what was appended outlives the process and the machine's power.
  var isDurable: Bool { get }

  /// The sessions that earlier runs journaled.
  func sessions() async throws -> [String]

  /// Stores a group as one: all of it or nothing.
  func append(_ group: JournalGroup) async throws
}

/// What is committed together.
public struct JournalGroup: Sendable {
  /// A block that became part of a round.
  public struct Block: Sendable {
    public let session: String
    public let sample: UInt64
    public let agent: AgentID
    /// The fingerprint of the block's bits, `BlockHash`.
    public let hash: UInt64
    /// The block.
    public let values: ArraySlice<Float>

    package init(session: String, sample: UInt64, agent: AgentID, hash: UInt64, values: ArraySlice<Float>) {
      self.session = session
      self.sample = sample
      self.agent = agent
      self.hash = hash
      self.values = values
    }
  }

  /// Blocks, in the order in which they were accepted. No two of one session, sample and agent ever come.
  public var blocks: [Block] = []
  /// Verdicts, in the order in which they were decided.
  public var verdicts: [Verdict] = []

  package init(blocks: [Block] = [], verdicts: [Verdict] = []) {
    self.blocks = blocks
    self.verdicts = verdicts
  }

  /// Whether there is nothing to store.
  public var isEmpty: Bool { blocks.isEmpty && verdicts.isEmpty }
}

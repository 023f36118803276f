public import CopurCore

/// The rounds that earlier runs of a fusion center left in its journal.
public struct JournalRecovery: Sendable {
  /// A session that has a block.
  public struct Session: Sendable {
    /// The session's name, 1 to 128 printable ASCII characters.
    public let name: String
    /// The name of its defence, fixed since its first block.
    public let defense: String
    /// The samples whose rounds are closed for good: decided or aborted.
    public var closed: SampleSet

    /// - Parameter closed: The samples whose rounds are closed for good.
    public init(name: String, defense: String, closed: SampleSet) {
      self.name = name
      self.defense = defense
      self.closed = closed
    }
  }

  /// A round that was decided.
  public struct Decided: Sendable {
    /// The verdict as it was stored; without a traceparent, which no journal keeps.
    public let verdict: Verdict
    /// The fingerprints of the blocks that are known of; an agent without one is missing or from too long ago.
    public var hashes: [AgentID: UInt64]

    /// - Parameter hashes: The fingerprints that are known of, `BlockHash`.
    public init(verdict: Verdict, hashes: [AgentID: UInt64]) {
      self.verdict = verdict
      self.hashes = hashes
    }
  }

  /// A round with blocks and without a verdict.
  public struct Open: Sendable {
    /// One agent's embedding of the round's sample.
    public struct Block: Sendable {
      /// The agent that sent it.
      public let agent: AgentID
      /// The version of the model that was served when the block came.
      public let modelVersion: String
      /// h_i, as many values as the agent's embedding is wide; finite.
      public let values: [Float]

      /// - Parameter values: h_i, finite.
      public init(agent: AgentID, modelVersion: String, values: [Float]) {
        self.agent = agent
        self.modelVersion = modelVersion
        self.values = values
      }
    }

    /// The first half of the round's name.
    public let session: String
    /// The second half of the round's name.
    public let sample: UInt64
    /// At least one, in the order in which they were accepted; no two of one agent.
    public var blocks: [Block]

    /// - Parameter blocks: At least one, in the order in which they were accepted; no two of one agent.
    public init(session: String, sample: UInt64, blocks: [Block]) {
      self.session = session
      self.sample = sample
      self.blocks = blocks
    }
  }

  /// The sessions, in the order in which they got their first blocks.
  public var sessions: [Session] = []
  /// The latest decided rounds, oldest first.
  public var decided: [Decided] = []
  /// The open rounds, in the order of their first blocks.
  public var open: [Open] = []
  /// The fencing token of each session that is this center's, also of those without a block; of a ``SharedJournal`` alone.
  public var tokens: [String: Int64] = [:]

  /// The recovery of an empty journal.
  public init() {}
}

public import CopurCore

/// What the earlier runs of a fusion center left in its journal.
public struct JournalRecovery: Sendable {
  /// A session that has a block.
  public struct Session: Sendable {
    public let name: String
    public let defense: String
    /// The samples whose rounds are closed for good: decided or aborted.
    public var closed: SampleSet

    package init(name: String, defense: String, closed: SampleSet) {
      self.name = name
      self.defense = defense
      self.closed = closed
    }
  }

  /// A round that was decided.
  public struct Decided: Sendable {
    public let verdict: Verdict
    /// The fingerprints of the blocks that are known of; an agent without one is missing or from too long ago.
    public var hashes: [AgentID: UInt64]

    package init(verdict: Verdict, hashes: [AgentID: UInt64]) {
      self.verdict = verdict
      self.hashes = hashes
    }
  }

  /// A round with blocks and without a verdict.
  public struct Open: Sendable {
    public struct Block: Sendable {
      public let agent: AgentID
      /// The version of the model that was served when the block came.
      public let modelVersion: String
      public let values: [Float]

      package init(agent: AgentID, modelVersion: String, values: [Float]) {
        self.agent = agent
        self.modelVersion = modelVersion
        self.values = values
      }
    }

    public let session: String
    public let sample: UInt64
    public var blocks: [Block]

    package init(session: String, sample: UInt64, blocks: [Block]) {
      self.session = session
      self.sample = sample
      self.blocks = blocks
    }
  }

  public var sessions: [Session] = []
  /// The latest decided rounds, oldest first.
  public var decided: [Decided] = []
  /// The open rounds, in the order of their first blocks.
  public var open: [Open] = []

  package init() {}
}

public import CopurCore

/// Records that are committed together: all of them or none.
public struct JournalGroup: Sendable {
  /// Blocks of one agent that became part of rounds of one session.
  public struct Contribution: Sendable {
    /// The rounds' session.
    public let session: String
    /// The session's defence.
    public let defense: String
    /// The version of the model that was served when the blocks came.
    public let modelVersion: String
    /// The agent that sent the blocks.
    public let agent: AgentID
    /// The samples, in the order of acceptance.
    public private(set) var samples: [UInt64]
    /// The fingerprint of each block's bits, `BlockHash`.
    public private(set) var hashes: [UInt64]
    /// The blocks, one after the other in the order of the samples.
    public private(set) var values: [Float]

    package init(
      session: String, defense: String, modelVersion: String, agent: AgentID, samples: [UInt64], hashes: [UInt64],
      values: [Float]
    ) {
      precondition(samples.count == hashes.count && !samples.isEmpty && values.count % samples.count == 0)
      self.session = session
      self.defense = defense
      self.modelVersion = modelVersion
      self.agent = agent
      self.samples = samples
      self.hashes = hashes
      self.values = values
    }

    fileprivate mutating func append(_ later: Contribution) {
      samples += later.samples
      hashes += later.hashes
      values += later.values
    }

    /// Whether an agent's blocks of a session and model belong to it.
    fileprivate func isOf(session: String, agent: AgentID, modelVersion: String) -> Bool {
      self.session == session && self.agent == agent && self.modelVersion == modelVersion
    }
  }

  /// Rounds that will have no verdict.
  public struct Abortion: Sendable {
    /// The session's name.
    public let session: String
    /// The session's defence.
    public let defense: String
    /// The rounds' samples.
    public let samples: [UInt64]
    /// Why.
    public let reason: String

    package init(session: String, defense: String, samples: [UInt64], reason: String) {
      self.session = session
      self.defense = defense
      self.samples = samples
      self.reason = reason
    }
  }

  private struct Speaker: Hashable {
    let session: String
    let agent: AgentID
    let modelVersion: String
  }

  /// Blocks, an agent's in the order in which they were accepted. No two of one session, sample and agent ever come.
  public private(set) var contributions: [Contribution] = []
  /// The position of each speaker's contribution in `contributions`.
  private var positions: [Speaker: Int] = [:]
  /// Verdicts, in the order in which they were decided.
  public var verdicts: [Verdict] = []
  /// Rounds that are given up.
  public var abortions: [Abortion] = []
  /// The fencing tokens under which the records of sessions came to be, of a ``SharedJournal``.
  public var tokens: [String: Int64] = [:]

  package init() {}

  /// Whether there is nothing to store.
  public var isEmpty: Bool { contributions.isEmpty && verdicts.isEmpty && abortions.isEmpty }

  /// The number of blocks.
  public var blockCount: Int { contributions.reduce(0) { $0 + $1.samples.count } }

  /// The names of the sessions that there are records of.
  public var sessions: Set<String> {
    Set(contributions.map(\.session)).union(verdicts.map(\.session)).union(abortions.map(\.session))
  }

  /// Takes out the records of sessions.
  ///
  /// - Returns: How many blocks and verdicts they were.
  mutating func remove(sessions: Set<String>) -> Int {
    let before = blockCount + verdicts.count
    let kept = contributions.filter { !sessions.contains($0.session) }
    (contributions, positions) = ([], [:])
    for contribution in kept { append(contribution) }
    verdicts.removeAll { sessions.contains($0.session) }
    abortions.removeAll { sessions.contains($0.session) }
    for session in sessions { tokens[session] = nil }
    return before - blockCount - verdicts.count
  }

  /// Adds blocks; what one agent contributes to one session becomes one contribution.
  ///
  /// - Parameter hint: The position of a contribution that they may belong to.
  /// - Returns: The position of the contribution.
  @discardableResult
  package mutating func append(_ contribution: Contribution, at hint: Int? = nil) -> Int {
    if let hint, hint < contributions.count,
      contributions[hint].isOf(
        session: contribution.session, agent: contribution.agent, modelVersion: contribution.modelVersion)
    {
      contributions[hint].append(contribution)
      return hint
    }
    let speaker = Speaker(
      session: contribution.session, agent: contribution.agent, modelVersion: contribution.modelVersion)
    if let position = positions[speaker] {
      contributions[position].append(contribution)
      return position
    }
    positions[speaker] = contributions.count
    contributions.append(contribution)
    return contributions.count - 1
  }
}

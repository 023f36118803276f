internal import CopurNumerics

/// An open round: the blocks that have come so far, and who said that it has none.
struct Round {
  /// The outcome of a block.
  enum Outcome {
    case accepted
    case duplicate
    case conflict
  }

  /// Its number, in the order of opening.
  let number: UInt64
  /// The agent that spoke first.
  let opener: Int
  /// The time at which it did.
  let opened: Duration
  /// The time at which the clock started; nil: fewer agents have spoken than it takes, or the session waits for its agents.
  var started: Duration?
  /// h, with zeros that mean nothing where a block has not come.
  private(set) var embedding: [Float]
  /// The fingerprint of each agent's block; nil: not come.
  private(set) var hashes: [UInt64?]
  /// Agents that said that they have nothing to say; mostly none.
  private var silent: [Int] = []
  /// The number of agents that have not spoken.
  private(set) var missing: Int

  init(layout: BlockLayout, number: UInt64, opener: Int, at now: Duration) {
    self.number = number
    self.opener = opener
    opened = now
    embedding = [Float](repeating: 0, count: layout.totalWidth)
    hashes = [UInt64?](repeating: nil, count: layout.count)
    missing = layout.count
  }

  /// The number of agents that have sent a block, or their word that there is none.
  var speakers: Int { hashes.count - missing }

  /// The number of agents whose blocks have come.
  var contributors: Int { speakers - silent.count }

  /// Whether an agent has sent a block, or its word that there is none.
  func hasSpoken(_ agent: Int) -> Bool { hashes[agent] != nil || silent.contains(agent) }

  /// A block came; it is finite.
  ///
  /// - Parameters:
  ///   - hash: Its fingerprint.
  ///   - columns: The agent's; the block is as wide.
  mutating func contributed(
    _ block: UnsafeBufferPointer<Float>, _ hash: UInt64, by agent: Int, columns: Range<Int>
  ) -> Outcome {
    if let first = hashes[agent] { return first == hash ? .duplicate : .conflict }
    if silent.contains(agent) { return .conflict }
    precondition(block.count == columns.count)
    embedding.withUnsafeMutableBufferPointer { embedding in
      _ = UnsafeMutableBufferPointer(rebasing: embedding[columns]).update(fromContentsOf: block)
    }
    hashes[agent] = hash
    missing -= 1
    return .accepted
  }

  /// The outcome of an agent's word that it has no block.
  enum Silence {
    case accepted
    case duplicate
    case conflict
  }

  /// An agent said that it has no block: it is missing, and nobody waits for it.
  mutating func silenced(_ agent: Int) -> Silence {
    if hashes[agent] != nil { return .conflict }
    if silent.contains(agent) { return .duplicate }
    silent.append(agent)
    missing -= 1
    return .accepted
  }
}

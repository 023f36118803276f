internal import CopurNumerics

/// An open round: the blocks that have come so far, and who said that it has none.
struct Round {
  /// The outcome of a block.
  enum Outcome {
    case accepted(hash: UInt64)
    case duplicate
    case conflict
  }

  /// When the round closes whatever is missing.
  let deadline: Duration
  /// h, with zeros that mean nothing where a block has not come.
  private(set) var embedding: [Float]
  /// The fingerprint of each agent's block; nil: not come.
  private(set) var hashes: [UInt64?]
  /// Agents that said that they have nothing to say; mostly none.
  private var silent: [Int] = []
  private var missing: Int

  init(layout: BlockLayout, deadline: Duration) {
    self.deadline = deadline
    embedding = [Float](repeating: 0, count: layout.totalWidth)
    hashes = [UInt64?](repeating: nil, count: layout.count)
    missing = layout.count
  }

  /// Whether every agent's block has come, or its word that there is none.
  var isComplete: Bool { missing == 0 }

  /// A block came; it is finite and as wide as the agent's columns.
  mutating func contributed(_ block: ArraySlice<Float>, by agent: Int, layout: BlockLayout) -> Outcome {
    let hash = BlockHash.of(block)
    if let first = hashes[agent] { return first == hash ? .duplicate : .conflict }
    if silent.contains(agent) { return .conflict }
    let columns = layout[agent]
    precondition(block.count == columns.count)
    embedding.withUnsafeMutableBufferPointer { embedding in
      block.withUnsafeBufferPointer { block in
        for index in block.indices { embedding[columns.lowerBound + index] = block[index] }
      }
    }
    hashes[agent] = hash
    missing -= 1
    return .accepted(hash: hash)
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

package import CopurCore
internal import DequeModule

/// The closed rounds of which more than the number is kept: fingerprints and verdict, of the latest ones.
///
/// They live for minutes among messages that live for milliseconds. An object for each would leave the heap full of holes
/// that nothing larger fits in, so they lie side by side in chunks, which come and go as a whole.
package struct RememberedRounds {
  /// The name of a round in a ``RoundTable``.
  package struct Key: Hashable, Sendable {
    /// The session's position.
    package let session: Int
    package let sample: UInt64

    package init(session: Int, sample: UInt64) {
      self.session = session
      self.sample = sample
    }
  }

  /// The number of rounds that share storage.
  package static let chunkRounds = 1024

  private let agents: [AgentID]
  private let capacity: Int
  /// The number of each round that is remembered, counted from 0 in the order of closing.
  private var numbers = SampleIndex()
  /// The names of the rounds, the oldest first.
  private var keys = Deque<Key>()
  private var chunks: [Chunk] = []
  /// The number of the first chunk's first round; a multiple of the size of a chunk.
  private var firstOfChunks = 0
  /// The number of the oldest round.
  private var oldest = 0
  /// The number of the next round.
  private var next = 0
  /// The number of the round that was decided last: the next one mostly follows it.
  private var lastDecided = -1
  /// Who decided: one for each defence and model, of which there are few.
  private var deciders: [Decider] = []

  /// - Parameters:
  ///   - agents: The model's, in its order.
  ///   - capacity: The most rounds that are remembered; at least one.
  package init(agents: [AgentID], capacity: Int) {
    self.agents = agents
    self.capacity = capacity
  }

  /// The number of rounds that are remembered.
  package var count: Int { next - oldest }

  package func contains(_ key: Key) -> Bool { numbers[key.session, key.sample] != nil }

  /// A round was closed. It was not remembered before.
  ///
  /// - Parameter hashes: The fingerprint of each agent's block; nil: it was missing.
  /// - Returns: The round that is forgotten for it.
  package mutating func remember(_ key: Key, hashes: [UInt64?]) -> Key? {
    precondition(hashes.count == agents.count)
    begin(key)
    for hash in hashes { chunks[chunks.count - 1].append(hash ?? 0, isObserved: hash != nil) }
    return ended()
  }

  /// Remembers a round by the memory that it had while it was open.
  ///
  /// - Parameters:
  ///   - hashes: The fingerprint of each agent's block, without meaning where it was missing.
  ///   - words: The word of each agent.
  mutating func remember(
    _ key: Key, hashes: UnsafeBufferPointer<UInt64>, words: UnsafeBufferPointer<Round.Word>
  ) -> Key? {
    precondition(hashes.count == agents.count && words.count == agents.count)
    begin(key)
    chunks[chunks.count - 1].append(hashes, words)
    return ended()
  }

  private mutating func begin(_ key: Key) {
    if next == firstOfChunks + chunks.count * Self.chunkRounds { chunks.append(Chunk(agents: agents.count)) }
    chunks[chunks.count - 1].begin()
    keys.append(key)
    let previous = numbers.update(next, session: key.session, sample: key.sample)
    precondition(previous == nil, "a round is closed once")
    next += 1
  }

  private mutating func ended() -> Key? { count > capacity ? forgetOldest() : nil }

  private mutating func forgetOldest() -> Key {
    let key = keys.removeFirst()
    numbers.remove(session: key.session, sample: key.sample)
    oldest += 1
    if oldest == firstOfChunks + Self.chunkRounds {
      chunks.removeFirst()
      firstOfChunks += Self.chunkRounds
    }
    return key
  }

  /// A round was decided; of one that is forgotten nothing is kept.
  package mutating func decided(_ verdict: Verdict, session: Int) {
    let key = Key(session: session, sample: verdict.sample)
    guard let number = isRound(key, number: lastDecided + 1) ? lastDecided + 1 : numbers[key.session, key.sample]
    else { return }
    lastDecided = number
    let decider = Decider(modelVersion: verdict.modelVersion, defense: verdict.defense)
    // The latest first: an exchanged model does not come back.
    let position = deciders.lastIndex(of: decider) ?? deciders.count
    if position == deciders.count { deciders.append(decider) }
    let (chunk, slot) = place(of: number)
    chunks[chunk].decided(verdict, slot: slot, decider: position, agents: agents)
  }

  private func isRound(_ key: Key, number: Int) -> Bool {
    (oldest..<next).contains(number) && keys[number - oldest] == key
  }

  /// The record of a round; nil: nothing is kept of it.
  package func round(_ key: Key) -> Remembered? {
    guard let number = numbers[key.session, key.sample] else { return nil }
    let (chunk, slot) = place(of: number)
    return Remembered(rounds: self, chunk: chunk, slot: slot)
  }

  private func place(of number: Int) -> (chunk: Int, slot: Int) {
    let position = number - firstOfChunks
    return (position / Self.chunkRounds, position % Self.chunkRounds)
  }

  /// A round that is remembered.
  package struct Remembered {
    fileprivate let rounds: RememberedRounds
    fileprivate let chunk: Int
    fileprivate let slot: Int

    /// The fingerprint of an agent's block; nil: it was missing.
    package func hash(of agent: Int) -> UInt64? {
      rounds.chunks[chunk].hash(of: agent, slot: slot, agents: rounds.agents.count)
    }

    /// The verdict; nil: there is none yet.
    ///
    /// - Parameter session: The session's name.
    package func verdict(session: String) -> Verdict? {
      rounds.chunks[chunk].verdict(slot: slot, session: session, deciders: rounds.deciders, agents: rounds.agents)
    }
  }
}

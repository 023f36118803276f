internal import CopurNumerics
internal import DequeModule

/// The open rounds of all sessions with their blocks, each at a place of its own while it is open.
///
/// A place that becomes free is used again after those that were free before it, so rounds that are opened one after the
/// other mostly lie one after the other: of a batch only the first sample is looked up by its hash. What the rounds hold lies
/// side by side, so that opening one takes no memory of its own and a batch's blocks are put in their places in one go.
struct OpenRounds {
  private let layout: BlockLayout
  /// Nil: the place is free.
  private var rounds: [Round?] = []
  /// The words of the agents, (places, agents).
  private var words: [Round.Word] = []
  /// The fingerprint of each agent's block, (places, agents); without meaning where none has come.
  private var hashes: [UInt64] = []
  /// h, (places, D); without meaning where a block has not come.
  private var values: [Float] = []
  private var places = SampleIndex()
  private var free = Deque<Int>()
  /// The observed agents of a round that nobody missed.
  private let everybody: [Bool]
  /// The storage that is kept while no round is open.
  private static let keptPlaces = 1024

  init(layout: BlockLayout) {
    self.layout = layout
    everybody = [Bool](repeating: true, count: layout.count)
  }

  /// Some rounds, in the order of their samples.
  func rounds(where isMeant: (Round) -> Bool) -> [Round] {
    rounds.compactMap { $0 }.filter(isMeant).sorted { ($0.session, $0.sample) < ($1.session, $1.sample) }
  }

  /// The place of a sample's round; nil: there is none.
  ///
  /// - Parameter previous: The place of a round before, which it may have been opened after.
  func place(of sample: UInt64, session: Int, after previous: Int? = nil) -> Int? {
    if let previous {
      let next = previous + 1 < rounds.count ? previous + 1 : 0
      if isOpen(sample, session: session, at: next) { return next }
    }
    return places[session, sample]
  }

  /// Whether a place is that of a sample's round; a place that has never been taken is not.
  func isOpen(_ sample: UInt64, session: Int, at place: Int) -> Bool {
    guard place < rounds.count, let round = rounds[place] else { return false }
    return round.sample == sample && round.session == session
  }

  /// The round at a place, where one is.
  subscript(place: Int) -> Round {
    get { rounds[place]! }
    _modify { yield &rounds[place]! }
  }

  /// Whether an agent has sent a block, or its word that there is none.
  func hasSpoken(_ agent: Int, at place: Int) -> Bool { words[place * layout.count + agent] != .none }

  /// A round was opened; its sample has none yet.
  ///
  /// - Returns: Its place.
  mutating func open(_ round: Round) -> Int {
    let place: Int
    let (agents, width) = (layout.count, layout.totalWidth)
    if let freed = free.popFirst() {
      place = freed
      rounds[place] = round
    } else {
      place = rounds.count
      rounds.append(round)
      words += repeatElement(.none, count: agents)
      hashes += repeatElement(0, count: agents)
      values += repeatElement(0, count: width)
    }
    let previous = places.update(place, session: round.session, sample: round.sample)
    precondition(previous == nil, "a sample has one round")
    return place
  }

  /// A block came in the round at a place; it is finite, and as wide as it has to be.
  mutating func contributed(
    _ block: UnsafeBufferPointer<Float>, _ hash: UInt64, by agent: Int, at place: Int
  ) -> Round.Outcome {
    let slot = place * layout.count + agent
    switch words[slot] {
    case .block: return hashes[slot] == hash ? .duplicate : .conflict
    case .silence: return .conflict
    case .none: break
    }
    precondition(block.count == layout.widths[agent])
    let first = place * layout.totalWidth + layout.offsets[agent]
    values.withUnsafeMutableBufferPointer { values in
      _ = UnsafeMutableBufferPointer(rebasing: values[first..<first + block.count]).update(fromContentsOf: block)
    }
    (words[slot], hashes[slot]) = (.block, hash)
    rounds[place]!.spoken(.block)
    return .accepted
  }

  /// An agent said that it has no block in the round at a place: it is missing, and nobody waits for it.
  mutating func silenced(_ agent: Int, at place: Int) -> Round.Outcome {
    let slot = place * layout.count + agent
    switch words[slot] {
    case .block: return .conflict
    case .silence: return .duplicate
    case .none: break
    }
    words[slot] = .silence
    rounds[place]!.spoken(.silence)
    return .accepted
  }

  /// Blocks of neighbouring samples that came together, in rounds that lie one after the other, whose clocks run and that are
  /// not over with them: mostly they are all of a batch. It ends before the first that is anything else.
  ///
  /// - Parameters:
  ///   - blocks: One after the other, as wide as the agent's are, finite.
  ///   - place: The place of the round before the first.
  ///   - absent: The number of agents that no round waits for.
  /// - Returns: How many were accepted, and the place of the last one's round.
  mutating func contributed(
    _ blocks: UnsafeBufferPointer<Float>, _ fingerprints: ArraySlice<UInt64>, of samples: ArraySlice<UInt64>,
    session: Int, by agent: Int, after place: Int, absent: Int
  ) -> (count: Int, place: Int) {
    let (agents, totalWidth, offset, width) = (
      layout.count, layout.totalWidth, layout.offsets[agent], layout.widths[agent]
    )
    precondition(blocks.count == samples.count * width && fingerprints.count == samples.count)
    var (count, last) = (0, place)
    rounds.withUnsafeMutableBufferPointer { rounds in
      words.withUnsafeMutableBufferPointer { words in
        hashes.withUnsafeMutableBufferPointer { hashes in
          values.withUnsafeMutableBufferPointer { values in
            for (sample, hash) in zip(samples, fingerprints) {
              let place = last + 1 < rounds.count ? last + 1 : 0
              guard place < rounds.count else { break }
              let slot = place * agents + agent
              guard let round = rounds[place], round.sample == sample, round.session == session,
                round.started != nil, round.missing > absent + 1, words[slot] == .none
              else { break }
              rounds[place]!.spoken(.block)
              (words[slot], hashes[slot]) = (.block, hash)
              let first = place * totalWidth + offset
              _ = UnsafeMutableBufferPointer(rebasing: values[first..<first + width])
                .update(fromContentsOf: UnsafeBufferPointer(rebasing: blocks[count * width..<(count + 1) * width]))
              count += 1
              last = place
            }
          }
        }
      }
    }
    return (count, last)
  }

  /// The content of the round at a place: h, with zeros that mean nothing where a block has not come; and Ω.
  func content(at place: Int) -> (embedding: [Float], observed: [Bool]) {
    let (agents, width) = (layout.count, layout.totalWidth)
    var embedding = Array(values[place * width..<(place + 1) * width])
    if rounds[place]!.contributors == agents { return (embedding, everybody) }
    let observed = words[place * agents..<(place + 1) * agents].map { $0 == .block }
    for agent in 0..<agents where !observed[agent] {
      for column in layout[agent] { embedding[column] = 0 }
    }
    return (embedding, observed)
  }

  /// The fingerprint of each agent's block in the round at a place, and who has sent one.
  func withHashes<Result>(
    at place: Int, _ body: (UnsafeBufferPointer<UInt64>, UnsafeBufferPointer<Round.Word>) -> Result
  ) -> Result {
    let agents = place * layout.count..<(place + 1) * layout.count
    return hashes.withUnsafeBufferPointer { hashes in
      words.withUnsafeBufferPointer { words in
        body(UnsafeBufferPointer(rebasing: hashes[agents]), UnsafeBufferPointer(rebasing: words[agents]))
      }
    }
  }

  /// The round at a place is over.
  mutating func remove(at place: Int) {
    guard let round = rounds[place].take() else { return }
    places.remove(session: round.session, sample: round.sample)
    if places.isEmpty, rounds.count > Self.keptPlaces {
      self = OpenRounds(layout: layout)
      return
    }
    free.append(place)
    for slot in place * layout.count..<(place + 1) * layout.count { words[slot] = .none }
  }
}

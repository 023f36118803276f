internal import CopurCore
internal import DequeModule

extension RoundTable {
  /// When ``advanced(to:)`` is next worth calling; nil: not before another event.
  package var nextDeadline: Duration? {
    switch (deadlines.first?.deadline, earliestIdleTimeout) {
    case (let deadline?, let idle?): min(deadline, idle)
    case (let deadline, let idle): deadline ?? idle
    }
  }

  /// Time went on: closes the rounds whose deadline has come, and those that nobody spoke in for too long.
  ///
  /// - Returns: The rounds, in the order of their deadlines.
  package mutating func advanced(to now: Duration) -> [ClosedRound] {
    var closed: [ClosedRound] = []
    while let next = deadlines.first, next.deadline <= now || isClosed(next.sample, session: next.session) {
      _ = deadlines.popFirst()
      // Closed since, because every agent had spoken; a round is opened once only, so this is that one.
      if !isClosed(next.sample, session: next.session) { closed.append(close(next.sample, session: next.session)) }
    }
    if let idle = earliestIdleTimeout, idle <= now { closed += closeIdle(at: now) }
    return closed
  }

  private func isClosed(_ sample: UInt64, session: Int) -> Bool { sessions[session].open[sample] == nil }

  private mutating func closeIdle(at now: Duration) -> [ClosedRound] {
    var closed: [ClosedRound] = []
    var earliest: Duration?
    // Sorted, so that the same events give the same order.
    for session in waiting.sorted() {
      let timeout = sessions[session].lastActivity + idleTimeout
      if timeout <= now {
        for sample in sessions[session].requested.sorted() { closed.append(close(sample, session: session)) }
      } else {
        earliest = min(earliest ?? timeout, timeout)
      }
    }
    earliestIdleTimeout = earliest
    return closed
  }

  /// Closes a round that is open or was asked for.
  mutating func close(_ sample: UInt64, session: Int) -> ClosedRound {
    let hashes: [UInt64?]
    let embedding: [Float]
    let opened: Duration?
    if let round = sessions[session].open.removeValue(forKey: sample) {
      openCount -= 1
      (hashes, embedding, opened) = (round.hashes, round.embedding, round.deadline - deadline)
    } else {
      forgetRequest(of: sample, session: session)
      (hashes, embedding, opened) = ([UInt64?](repeating: nil, count: roster.count), [], nil)
    }
    sessions[session].closed.insert(sample)
    remember(sample, session: session, hashes: hashes)
    return ClosedRound(
      session: sessions[session].name, sample: sample, defense: sessions[session].defense, embedding: embedding,
      observed: hashes.map { $0 != nil }, opened: opened)
  }

  /// Remembers a closed round, and forgets the oldest one if there are too many.
  mutating func remember(_ sample: UInt64, session: Int, hashes: [UInt64?]) {
    sessions[session].rememberedCount += 1
    guard let oldest = remembered.remember(.init(session: session, sample: sample), hashes: hashes) else { return }
    sessions[oldest.session].rememberedCount -= 1
    guard sessions[oldest.session].rememberedCount == 0 else { return }
    // A dictionary keeps the storage that it once needed, and sessions are kept for ever.
    if sessions[oldest.session].open.isEmpty { sessions[oldest.session].open = [:] }
    if sessions[oldest.session].requested.isEmpty { sessions[oldest.session].requested = [] }
  }

  mutating func forgetRequest(of sample: UInt64, session: Int) {
    guard sessions[session].requested.remove(sample) != nil else { return }
    requestedCount -= 1
    if sessions[session].requested.isEmpty { waiting.remove(session) }
  }
}

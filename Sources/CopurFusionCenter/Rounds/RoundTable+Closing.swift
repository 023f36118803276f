internal import CopurCore

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
    sessions[session].remembered[sample] = RoundSession.Closed(hashes: hashes)
    memory.append((session, sample))
    if memory.count > limits.rememberedRounds, let oldest = memory.popFirst() {
      forget(oldest.sample, session: oldest.session)
    }
    return ClosedRound(
      session: sessions[session].name, sample: sample, defense: sessions[session].defense, embedding: embedding,
      observed: hashes.map { $0 != nil }, opened: opened)
  }

  private mutating func forget(_ sample: UInt64, session: Int) {
    sessions[session].remembered[sample] = nil
    guard sessions[session].remembered.isEmpty else { return }
    // A dictionary keeps the storage that it once needed, and sessions are kept for ever.
    sessions[session].remembered = [:]
    if sessions[session].open.isEmpty { sessions[session].open = [:] }
    if sessions[session].requested.isEmpty { sessions[session].requested = [] }
  }

  mutating func forgetRequest(of sample: UInt64, session: Int) {
    guard sessions[session].requested.remove(sample) != nil else { return }
    requestedCount -= 1
    if sessions[session].requested.isEmpty { waiting.remove(session) }
  }
}

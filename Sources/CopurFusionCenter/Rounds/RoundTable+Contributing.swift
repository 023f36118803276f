internal import CopurCore
package import CopurWire

extension RoundTable {
  /// An agent's blocks, and its word of samples of which it has none, came.
  ///
  /// - Parameters:
  ///   - batch: The blocks; checked.
  ///   - hashes: The fingerprint of each, ``BlockHash``; nil: they are worked out here.
  ///   - start: How many of the batch's samples, and of its silent ones after them, were taken before.
  ///   - agent: The agent's position in the roster.
  package mutating func contributed(
    _ batch: BlockBatch, hashes: [UInt64]? = nil, from start: Int = 0, by agent: Int, at now: Duration
  ) -> Actions {
    var actions = Actions()
    actions.taken = start
    actions.closed = advanced(to: now)
    let session: Int
    do { session = try self.session(named: batch.session, defense: nil, by: agent, at: now) } catch {
      actions.refusal = error
      return actions
    }
    lastSession = session
    if let defense = sessions[session].unknownDefense {
      let reason = RoundRefusal.unknownDefense(session: batch.session, defense: defense).description
      actions.receipts = [
        Receipt(session: batch.session, samples: batch.samples + batch.silent, status: .late, reason: reason)
      ]
      actions.taken = batch.samples.count + batch.silent.count
      return actions
    }
    if !sessions[session].isOpen || !sessions[session].isWanted {
      heard(agent, session: session, at: now, &actions.closed)
    }

    var outcomes = ReceiptRuns(session: batch.session)
    let hashes = hashes ?? BlockHash.of(batch)
    actions.accepted.reserveCapacity(batch.samples.count)
    batch.values.withUnsafeBufferPointer { values in
      blocks(values, hashes, of: batch, from: start, session: session, by: agent, at: now, &actions, &outcomes)
    }
    for sample in batch.silent.dropFirst(max(0, start - batch.samples.count)) where actions.refusal == nil {
      silenced(sample, session: session, by: agent, at: now, &actions, &outcomes)
      if actions.refusal == nil { actions.taken += 1 }
    }
    actions.receipts = outcomes.receipts
    return actions
  }

  /// The blocks of a batch.
  private mutating func blocks(
    _ values: UnsafeBufferPointer<Float>, _ hashes: [UInt64], of batch: BlockBatch, from start: Int, session: Int,
    by agent: Int, at now: Duration, _ actions: inout Actions, _ outcomes: inout ReceiptRuns
  ) {
    var position = start
    var place: Int?
    // Whether the last block went into a round that goes on: mostly those of the next samples do, too.
    var isSteady = false
    while position < batch.samples.count {
      if isSteady, let last = place {
        let run = self.run(values, hashes, of: batch, from: position, session: session, by: agent, after: last, at: now)
        for taken in position..<position + run.count {
          actions.accepted.append(AcceptedBlock(position: taken, hash: hashes[taken]))
        }
        outcomes.append(batch.samples[position..<position + run.count], .accepted)
        position += run.count
        actions.taken += run.count
        place = run.place
        isSteady = false
        guard position < batch.samples.count else { break }
      }
      let sample = batch.samples[position]
      if !batch.refusals.isEmpty, let reason = batch.refusals[position] {
        outcomes.append(sample, .invalid, reason)
      } else if let found = self.round(of: sample, after: place, session: session, by: agent, at: now, &actions) {
        place = found
        let block = UnsafeBufferPointer(rebasing: values[position * batch.width..<(position + 1) * batch.width])
        switch open.contributed(block, hashes[position], by: agent, at: found) {
        case .accepted:
          actions.accepted.append(AcceptedBlock(position: position, hash: hashes[position]))
          outcomes.append(sample, .accepted)
          spoken(sample, found, session: session, by: agent, at: now, &actions.closed)
          isSteady = open.isOpen(sample, session: session, at: found) && open[found].started != nil
        case .duplicate: outcomes.append(sample, .duplicate)
        case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
        }
      } else if actions.refusal == nil {
        let (status, reason) = outcomeOfLateBlock(hashes[position], of: sample, session: session, by: agent)
        if status == .late { estimate?.cameLate(agent) }
        outcomes.append(sample, status, reason)
      } else {
        break
      }
      position += 1
      actions.taken += 1
    }
  }

  /// Takes the blocks of neighbouring samples whose rounds run and go on, as many as there are.
  ///
  /// - Parameter place: The place of the round before them.
  /// - Returns: How many were accepted, and the place of the last one's round.
  private mutating func run(
    _ values: UnsafeBufferPointer<Float>, _ hashes: [UInt64], of batch: BlockBatch, from position: Int, session: Int,
    by agent: Int, after place: Int, at now: Duration
  ) -> (count: Int, place: Int) {
    guard batch.refusals.isEmpty, estimate == nil else { return (0, place) }
    let rest = position..<batch.samples.count
    let run = open.contributed(
      UnsafeBufferPointer(rebasing: values[rest.lowerBound * batch.width..<rest.upperBound * batch.width]),
      hashes[rest], of: batch.samples[rest], session: session, by: agent, after: place,
      absent: presence.absentCount)
    if run.count > 0 {
      sessions[session].lastActivity = now
      catchingUp.delivered(agent, round: open[run.place].number, at: now)
    }
    return run
  }

  /// An agent said that it has no block of a sample.
  private mutating func silenced(
    _ sample: UInt64, session: Int, by agent: Int, at now: Duration, _ actions: inout Actions,
    _ outcomes: inout ReceiptRuns
  ) {
    guard let place = round(of: sample, after: nil, session: session, by: agent, at: now, &actions) else {
      guard actions.refusal == nil else { return }
      let (status, reason) = outcomeOfLateSilence(of: sample, session: session, by: agent)
      return outcomes.append(sample, status, reason)
    }
    switch open.silenced(agent, at: place) {
    case .accepted:
      outcomes.append(sample, .accepted)
      spoken(sample, place, session: session, by: agent, at: now, &actions.closed)
    case .duplicate: outcomes.append(sample, .duplicate)
    case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
    }
  }

  /// The place of the open round that an agent speaks in, which is opened if it is new; nil: it is closed, or the actions'
  /// refusal says why it cannot be opened.
  ///
  /// - Parameter previous: The place of the round that the agent spoke in before.
  private mutating func round(
    of sample: UInt64, after previous: Int?, session: Int, by agent: Int, at now: Duration, _ actions: inout Actions
  ) -> Int? {
    if let known = open.place(of: sample, session: session, after: previous) { return known }
    if sessions[session].closed.contains(sample) { return nil }
    actions.refusal = refusalOfNewRound(session: session, by: agent)
    if case .tooFarAhead = actions.refusal {
      let givenWay = givenWay(by: agent, at: now)
      if !givenWay.isEmpty {
        actions.closed += givenWay
        actions.refusal = nil
      }
    }
    guard actions.refusal == nil else { return nil }
    return open(sample, session: session, by: agent, at: now)
  }

  /// An agent spoke in an open round: its clock may start, and it may be over.
  private mutating func spoken(
    _ sample: UInt64, _ place: Int, session: Int, by agent: Int, at now: Duration, _ closed: inout [ClosedRound]
  ) {
    let round = open[place]
    if let started = round.started {
      sessions[session].lastActivity = now
      catchingUp.delivered(agent, round: round.number, at: now)
      estimate?.came(agent, after: now - started)
    } else {
      estimate?.came(agent, after: .zero)
      guard sessions[session].isOpen, round.speakers >= rules.speakers else { return }
      start(sample, at: place, session: session, at: now)
    }
    if isOver(at: place) { closed.append(close(sample, session: session, at: place)) }
  }
}

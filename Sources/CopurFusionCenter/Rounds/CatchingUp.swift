/// Agents that are behind and deliver: for how long a round that is due waits for them.
///
/// Whoever started last has every round of the others before it, and would lose all of them to a deadline that is made for
/// one. So a due round goes on while an agent that it lacks is behind, in the order in which rounds were opened, and had a
/// block accepted in a running round, or connected, a moment ago. A liar can make use of that, too: so each agent has an allowance of such time, which is a tenth of the time at most in
/// the long run.
struct CatchingUp {
  /// The part of the time that an agent may make rounds wait in the long run.
  private static let share = 10

  /// For how long after its last block an agent counts as one that delivers, or for the deadline if that is longer: on a
  /// machine with much to do a process may rest for as long.
  private static let moment = Duration.seconds(1)

  private let limit: Duration
  /// The time at which each agent last delivered, and the round; 0 if it has connected since.
  private var progress: [(time: Duration, round: UInt64)?]
  private var allowance: [Duration]
  private var refilled: [Duration]
  /// Up to when each agent has paid: rounds that wait together for it cost it once.
  private var paid: [Duration]

  /// - Parameter limit: The most allowance that an agent has.
  init(agents: Int, limit: Duration) {
    self.limit = limit
    progress = [(time: Duration, round: UInt64)?](repeating: nil, count: agents)
    allowance = [Duration](repeating: limit, count: agents)
    refilled = [Duration](repeating: .zero, count: agents)
    paid = [Duration](repeating: .zero, count: agents)
  }

  /// An agent had a block accepted in a round whose clock ran already.
  mutating func delivered(_ agent: Int, round: UInt64, at now: Duration) { progress[agent] = (now, round) }

  /// An agent opened a stream: it may be behind with everything.
  mutating func connected(_ agent: Int, at now: Duration) { progress[agent] = (now, 0) }

  /// Until when a round that is due waits for an agent that it lacks; nil: it does not.
  ///
  /// - Parameters:
  ///   - round: The round's number in the order of opening.
  ///   - deadline: The rounds' deadline.
  ///   - end: When the round closes whoever is behind.
  mutating func wait(
    for agent: Int, round: UInt64, deadline: Duration, end: Duration, at now: Duration
  ) -> Duration? {
    // One that has gone on to later rounds has nothing to say in this one.
    guard let last = progress[agent], last.round < round, end > now else { return nil }
    let expected = last.time + max(deadline, Self.moment)
    guard expected > now else { return nil }
    allowance[agent] = min(limit, allowance[agent] + (now - refilled[agent]) / Self.share)
    refilled[agent] = now
    // Looked at again within a deadline, so that nothing is paid for that is not used.
    let until = min(expected, now + deadline, end)
    let cost = max(.zero, until - max(now, paid[agent]))
    guard allowance[agent] >= cost else { return nil }
    allowance[agent] -= cost
    paid[agent] = max(paid[agent], until)
    return until
  }
}

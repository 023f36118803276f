import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

/// A table of three agents of which one may lie; two decide.
private func table(
  wait: Duration = .seconds(60), grace: Duration? = nil, catchUp: Duration = .zero, shortest: Duration? = nil,
  limits: RoundLimits = RoundLimits()
) -> RoundTable {
  var rules = RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500))
  (rules.quorum, rules.speakers, rules.sessionWait) = (2, 2, wait)
  (rules.reconnectGrace, rules.catchUp, rules.shortestDeadline) = (grace, catchUp, shortest)
  return RoundTable(roster: roster, defenses: ["first"], rules: rules, limits: limits)
}

extension RoundTable {
  /// A table of four agents, two of which have to speak before a round's clock runs.
  fileprivate static func twoOfFour() -> RoundTable {
    var rules = RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500))
    (rules.quorum, rules.speakers, rules.sessionWait) = (2, 2, .seconds(60))
    let agents = ["a", "b", "c", "d"].map { try! AgentID($0) }
    return RoundTable(
      roster: try! AgentRoster(agents: agents, widths: [2, 1, 3, 1]), defenses: ["first"], rules: rules,
      limits: RoundLimits())
  }
}

private func ms(_ count: Int) -> Duration { .milliseconds(count) }

extension RoundTable {
  /// One agent's blocks of samples, the same value in all of them.
  @discardableResult
  fileprivate mutating func speaks(
    _ agent: Int, _ samples: [UInt64], _ value: Float = 1, in session: String = "s", at now: Duration
  ) -> Actions {
    contributed(batch(samples, from: agent, samples.map { _ in value }, in: session), by: agent, at: now)
  }
}

@Suite("Who opens a session, and what one agent alone can do") struct RoundTableGatheringTests {
  @Test("Agents in any order, 30 s apart: every round is decided from all of them", arguments: 0..<6)
  func anyOrder(_ number: Int) {
    let order = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]][number]
    var table = table()
    var closed: [ClosedRound] = []
    for (position, agent) in order.enumerated() {
      let now = Duration.seconds(30 * position)
      closed += table.advanced(to: now)
      let actions = table.speaks(agent, [1, 2, 3], at: now)
      #expect(actions.receipts.map(\.status) == [.accepted])
      closed += actions.closed
      #expect(closed.isEmpty == (position < 2))
      let missing = Array(order[(position + 1)...]).sorted().map { roster.agents[$0] }
      #expect(table.gatheringSessions.map(\.missing) == (position == 1 ? [missing] : []))
    }
    #expect(closed.map(\.sample) == [1, 2, 3])
    #expect(closed.allSatisfy { $0.observed == [true, true, true] })
    #expect(table.takeGatherings().map(\.until) == [.seconds(90), nil])
  }

  @Test("An agent that leaves before the others came is waited for again, unless it has spoken")
  func leavesAgain() {
    var table = table()
    for agent in [0, 1, 2] { _ = table.connected(agent, at: .zero) }
    table.disconnected(0, at: .seconds(1))
    table.disconnected(2, at: .seconds(1))
    table.speaks(0, [1], at: .seconds(2))
    table.speaks(1, [1], at: .seconds(2))
    #expect(table.gatheringSessions.map(\.missing) == [[roster.agents[2]]])
    table.disconnected(1, at: .seconds(3))
    #expect(table.gatheringSessions.map(\.missing) == [[roster.agents[2]]], "it has spoken")
    #expect(table.connected(2, at: .seconds(4)).isEmpty)
    #expect(table.gatheringSessions.isEmpty)

    var other = RoundTable.twoOfFour()
    other.speaks(0, [1], at: .zero)
    other.speaks(1, [1], at: .zero)
    _ = other.connected(2, at: .seconds(1))
    other.disconnected(2, at: .seconds(2))
    #expect(other.gatheringSessions.map { $0.missing.map(\.name) } == [["c", "d"]])
    _ = other.connected(3, at: .seconds(3))
    #expect(other.gatheringSessions.map { $0.missing.map(\.name) } == [["c"]])
    #expect(other.gatheringSessions.map(\.since) == [.seconds(3)])
    // Coming back is no news: the wait ends when it would have.
    _ = other.connected(0, at: .seconds(4))
    #expect(other.gatheringSessions.map(\.since) == [.seconds(3)])
    _ = other.connected(2, at: .seconds(5))
    #expect(other.gatheringSessions.isEmpty)
  }

  @Test("Ten thousand agents are no more work each than ten")
  func manyAgents() throws {
    let agents = try (0..<10_000).map { try AgentID("a\($0)") }
    var rules = RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500))
    (rules.quorum, rules.speakers, rules.sessionWait) = (2, 2, .seconds(60))
    var table = RoundTable(
      roster: try AgentRoster(agents: agents, widths: agents.map { _ in 1 }), defenses: ["first"], rules: rules,
      limits: RoundLimits())
    for agent in 0..<2 {
      let message = message("s", [1], width: 1, [1])
      let batch = try BlockBatch(message, agent: agents[agent], width: 1, maximumSamples: 1)
      _ = table.contributed(batch, by: agent, at: .zero)
    }
    for agent in 2..<9999 { #expect(table.connected(agent, at: .zero).isEmpty) }
    #expect(table.gatheringSessions.map(\.missing) == [[agents[9999]]])
    _ = table.connected(9999, at: .zero)
    #expect(table.gatheringSessions.isEmpty)
  }

  @Test("An agent that never comes: after the wait every round is decided from those that are there")
  func neverThere() {
    var table = table(grace: .seconds(2))
    table.speaks(0, [1, 2], at: .zero)
    table.speaks(1, [1, 2], at: .seconds(10))
    #expect(table.nextDeadline == .seconds(70))
    #expect(table.advanced(to: .milliseconds(69_999)).isEmpty)
    let closed = table.advanced(to: .seconds(70))
    #expect(closed.map(\.sample) == [1, 2] && closed.allSatisfy { $0.observed == [true, true, false] })
    #expect(table.takeGatherings().last?.missing == [roster.agents[2]])
  }

  @Test("A stream is as good as a word: a session opens with agents that are connected")
  func streams() {
    var table = table()
    for agent in 0..<3 { #expect(table.connected(agent, at: ms(agent)).isEmpty) }
    table.speaks(0, [1], at: ms(10))
    #expect(table.speaks(1, [1], at: ms(11)).closed.isEmpty)
    #expect(table.gatheringSessions.isEmpty && table.nextDeadline == ms(261))
    #expect(table.advanced(to: ms(261)).map(\.observed) == [[true, true, false]])
  }

  @Test("The operator opens a session; a shutdown does, too")
  func operators() throws {
    for drains in [false, true] {
      var table = table(grace: .seconds(2))
      table.speaks(0, [1], at: .zero)
      #expect(table.opened("s", at: .zero) == nil, "one agent alone makes nobody wait")
      table.speaks(2, [1], at: .zero)
      _ = table.advanced(to: .seconds(5))
      let closed = try #require(drains ? table.drainBegan(at: .seconds(5)) : table.opened("s", at: .seconds(5)))
      #expect(closed.map(\.observed) == [[true, false, true]])
      #expect(table.opened("s", at: .seconds(5)) == nil && table.opened("none", at: .seconds(5)) == nil)
    }
  }

  /// It was the only contributor of 1,827 rounds of 2,000, and chose their label.
  @Test("An agent that races ahead closes nothing, however long nobody else speaks")
  func racingAhead() throws {
    var limits = RoundLimits()
    limits.openRounds = 30
    var table = table(wait: .zero, limits: limits)
    let first = table.speaks(0, Array(0..<12), at: .zero)
    #expect(first.refusal == .tooFarAhead(limit: 10) && first.taken == 10 && first.closed.isEmpty)
    #expect(table.advanced(to: .seconds(80_000)).isEmpty && table.openCount == 10 && table.runningCount == 0)
    // It keeps nobody else from speaking, and what it said counts as one block of three.
    var closed: [ClosedRound] = []
    for agent in 1...2 { closed += table.speaks(agent, Array(0..<14), at: .seconds(80_000)).closed }
    #expect(closed.map(\.sample) == Array(0..<10) && closed.allSatisfy { $0.observed == [true, true, true] })
    #expect(table.speaks(0, [12, 13], at: .seconds(80_000)).closed.count == 2)
  }

  @Test("A round in which nobody else speaks for a day gives way to new ones of its agent")
  func givesWay() {
    var limits = RoundLimits()
    limits.openRounds = 6
    var table = table(wait: .zero, limits: limits)
    table.speaks(0, [1, 2], at: .zero)
    #expect(table.speaks(0, [3], at: .seconds(86_399)).refusal == .tooFarAhead(limit: 2))
    let later = table.speaks(0, [3], at: .seconds(86_410))
    #expect(later.refusal == nil && later.closed.map(\.sample) == [1, 2])
    #expect(later.closed.allSatisfy { $0.observed == [true, false, false] })
  }

  @Test("A Predict of samples that one agent alone speaks of ends, and one agent cannot put it off")
  func predict() throws {
    var table = table(wait: .zero)
    _ = try table.requested(session: "s", defense: nil, samples: [1, 2], at: .zero)
    for step in 0..<24 { #expect(table.speaks(0, [UInt64(1 + step)], at: ms(100 * step)).closed.isEmpty) }
    let closed = table.advanced(to: ms(2500))
    #expect(closed.map(\.sample) == [1, 2])
    #expect(closed.map(\.observed) == [[true, false, false], [true, false, false]])
  }

  /// The proof in `Rounds`: honest agents within a deadline of each other are in the round, whatever a liar does.
  @Test("Whenever a liar speaks, or never, the honest blocks of a round are the same", arguments: 0..<50)
  func frontRunning(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var arrivals: [(at: Int, agent: Int, sample: UInt64)] = []
    for sample in UInt64(0)..<20 {
      let due = 1000 + Int(sample) * 40
      arrivals.append((due + Int.random(in: 0..<250, using: &generator), 1, sample))
      arrivals.append((due + Int.random(in: 0..<250, using: &generator), 2, sample))
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: arrivals.append((Int(sample), 0, sample))
      case 1: arrivals.append((Int.random(in: 0..<2000, using: &generator), 0, sample))
      default: break
      }
    }
    arrivals.sort { ($0.at, $0.agent) < ($1.at, $1.agent) }
    var table = table(wait: .zero)
    var closed: [ClosedRound] = []
    for arrival in arrivals {
      closed += table.speaks(arrival.agent, [arrival.sample], Float(arrival.sample), at: ms(arrival.at)).closed
    }
    closed += table.advanced(to: .seconds(10))
    #expect(closed.count == 20, "seed \(seed)")
    for round in closed {
      #expect(round.observed[1] && round.observed[2], "seed \(seed), sample \(round.sample)")
      #expect(round.embedding[2...] == [Float](repeating: Float(round.sample), count: 4)[...], "seed \(seed)")
    }
  }

  @Test("Sessions that one agent makes are its own: they take nothing from the others")
  func sessions() throws {
    var limits = RoundLimits()
    limits.sessions = 6
    var table = table(limits: limits)
    for number in 0..<2 { #expect(table.speaks(0, [1], in: "own-\(number)", at: .zero).refusal == nil) }
    #expect(table.speaks(0, [1], in: "own-2", at: .zero).refusal == .tooManyOwnSessions(limit: 2))
    #expect(table.speaks(1, [1], in: "other", at: .zero).refusal == nil)
    for number in 0..<4 {
      _ = try table.requested(session: "asked-\(number)", defense: nil, samples: [1], at: .zero)
    }
    // One that others speak in is everybody's.
    #expect(table.speaks(2, [1], in: "own-0", at: .zero).refusal == nil)
    #expect(table.speaks(0, [1], in: "asked-0", at: .zero).refusal == nil)
  }
}

@Suite("Agents that are gone, behind or slow") struct RoundTablePatienceTests {
  /// Each of its rounds took the whole deadline: 3 ms became 253.
  @Test("An agent without a stream is missing from the beginning, after a grace")
  func absent() {
    var table = table(wait: .zero, grace: .seconds(2))
    for agent in 0..<3 { _ = table.connected(agent, at: .zero) }
    table.speaks(0, [1, 2], at: .seconds(5))
    #expect(table.speaks(1, [1, 2], at: .seconds(5)).closed.isEmpty)
    _ = table.speaks(2, [2], at: .seconds(5))
    table.disconnected(2, at: .seconds(5))
    #expect(table.advanced(to: ms(5250)).map(\.sample) == [1], "it may come back within the grace")
    // A round that runs when the grace ends closes with it.
    table.speaks(0, [3], at: ms(6900))
    table.speaks(1, [3], at: ms(6900))
    #expect(table.nextDeadline == .seconds(7))
    #expect(table.advanced(to: .seconds(7)).map(\.sample) == [3])
    table.speaks(0, [4], at: .seconds(8))
    let quick = table.speaks(1, [4], at: .seconds(8))
    #expect(quick.closed.map(\.observed) == [[true, true, false]])
    // Back again, it is waited for.
    _ = table.connected(2, at: .seconds(9))
    table.speaks(0, [5], at: .seconds(9))
    #expect(table.speaks(1, [5], at: .seconds(9)).closed.isEmpty)
    #expect(table.speaks(2, [5], at: .seconds(9)).closed.map(\.observed) == [[true, true, true]])
  }

  @Test("Below the quorum a round waits for its deadline, whoever is gone")
  func belowTheQuorum() {
    var table = table(wait: .zero, grace: .seconds(2))
    _ = table.connected(0, at: .zero)
    _ = table.advanced(to: .seconds(5))
    table.speaks(0, [1], at: .seconds(5))
    let silent = table.contributed(silence([1]), by: 1, at: .seconds(5))
    #expect(silent.closed.isEmpty)
    #expect(table.advanced(to: ms(5250)).map(\.observed) == [[true, false, false]])
  }

  /// Agents that were started 0.3 s after the others lost 4,185 blocks of 4,650.
  @Test("A round that is due waits for an agent that delivers what it is behind, and not for one that does not")
  func catchingUp() {
    var table = table(wait: .zero, catchUp: .seconds(10))
    for agent in 0..<3 { _ = table.connected(agent, at: .zero) }
    let samples = Array(UInt64(0)..<60)
    table.speaks(0, samples, at: .zero)
    table.speaks(1, samples, at: .zero)
    var closed: [ClosedRound] = []
    for sample in samples.dropLast(10) {
      let now = ms(200 + 100 * Int(sample))
      closed += table.advanced(to: now)
      let actions = table.speaks(2, [sample], at: now)
      closed += actions.closed
      #expect(actions.receipts.map(\.status) == [.accepted], "sample \(sample)")
    }
    #expect(closed.count == 50 && closed.allSatisfy { $0.observed == [true, true, true] })
    // It falls silent 5.1 s after the rounds began: the rest is closed a second later, and what is left of a deadline.
    for step in 0..<5 { closed += table.advanced(to: ms(5200 + 250 * step)) }
    closed += table.advanced(to: ms(6400))
    #expect(closed.count == 60 && closed.suffix(10).allSatisfy { $0.observed == [true, true, false] })
  }

  @Test("An agent that is always behind makes rounds wait for a tenth of the time, in the long run")
  func dribbling() {
    var table = table(wait: .zero, catchUp: .seconds(1))
    for agent in 0..<3 { _ = table.connected(agent, at: .zero) }
    var (closed, delay): ([UInt64], Duration) = ([], .zero)
    for step in 0..<3000 {
      let now = ms(step * 20)
      for round in table.advanced(to: now) {
        closed.append(round.sample)
        delay += now - ms(Int(round.sample) * 20)
      }
      for agent in 0..<2 {
        for round in table.speaks(agent, [UInt64(step)], at: now).closed { closed.append(round.sample) }
      }
      // Of the third every tenth block comes, at the last moment: it is always behind.
      if step % 10 == 0, step >= 10 { _ = table.speaks(2, [UInt64(step - 10)], at: now) }
    }
    #expect(closed.count > 2600)
    let mean = delay / Double(closed.count)
    #expect(mean < ms(450), "\(mean)")
  }

  @Test("Where the deadline follows the delays it is short for quick agents, and what was set for slow ones")
  func followingDeadline() throws {
    for (delay, expected) in [(5, 20...60), (150, 200...250), (600, 250...250)] {
      var table = table(wait: .zero, shortest: .milliseconds(20))
      for sample in UInt64(0)..<200 {
        let now = ms(Int(sample) * 1000)
        table.speaks(0, [sample], at: now)
        table.speaks(1, [sample], at: now)
        _ = table.advanced(to: now + ms(delay))
        _ = table.speaks(2, [sample], at: now + ms(delay))
      }
      table.speaks(0, [200], at: .seconds(300))
      table.speaks(1, [200], at: .seconds(300))
      let deadline = try #require(table.nextDeadline) - .seconds(300)
      #expect(expected.contains(Int(deadline / .milliseconds(1))), "delay \(delay) ms: \(deadline)")
    }
  }
}

import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

/// Blocks of neighbouring samples take a way of their own into their rounds; nothing may differ by it.
@Suite("A batch's blocks and the same blocks one by one") struct RoundTableBatchTests {
  /// The consequences of blocks, whatever messages they came in.
  private struct Outcome: Equatable {
    struct Status: Equatable {
      let sample: UInt64
      let status: Receipt.Status
    }

    var accepted: [UInt64] = []
    var receipts: [Status] = []
    var closed: [ClosedRound] = []

    mutating func add(_ actions: RoundTable.Actions, of batch: BlockBatch) {
      accepted += actions.accepted.map { batch.samples[$0.position] }
      receipts += actions.receipts.flatMap { receipt in
        receipt.samples.map { Status(sample: $0, status: receipt.status) }
      }
      closed += actions.closed
    }
  }

  private static let agents = (0..<5).map { try! AgentID("agent-\($0)") }
  private static let roster = try! AgentRoster(agents: agents, widths: [3, 1, 2, 4, 2])

  private static func table(wait: Duration, grace: Duration?, shortest: Duration?) -> RoundTable {
    var rules = RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500))
    (rules.quorum, rules.speakers, rules.sessionWait) = (2, 2, wait)
    (rules.reconnectGrace, rules.shortestDeadline) = (grace, shortest)
    return RoundTable(roster: roster, defenses: ["first"], rules: rules, limits: RoundLimits())
  }

  private static func batch(_ samples: [UInt64], from agent: Int, _ values: [Float]) throws -> BlockBatch {
    let width = roster.layout.widths[agent]
    var message = Copur_V1_ContributeRequest()
    (message.session, message.samples) = ("s", samples)
    message.values = values.flatMap { value in (0..<width).map { value + Float($0) } }
    return try BlockBatch(message, agent: agents[agent], width: width, maximumSamples: 100)
  }

  @Test("have the same outcomes", arguments: [UInt64](0..<24))
  func areAlike(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let wait: Duration = seed % 2 == 0 ? .zero : .seconds(2)
    let grace: Duration? = seed % 3 == 0 ? .seconds(1) : nil
    let shortest: Duration? = seed % 4 == 3 ? .milliseconds(10) : nil
    var whole = Self.table(wait: wait, grace: grace, shortest: shortest)
    var parts = Self.table(wait: wait, grace: grace, shortest: shortest)
    var (ofWhole, ofParts) = (Outcome(), Outcome())
    var next = [UInt64](repeating: 0, count: Self.agents.count)
    for agent in 0..<4 {
      ofWhole.closed += whole.connected(agent, at: .zero)
      ofParts.closed += parts.connected(agent, at: .zero)
    }
    for step in 0..<400 {
      let now = Duration.milliseconds(step * Int(1 + seed % 20))
      let agent = Int(generator.next() % UInt64(grace == nil ? 5 : 4))
      // Mostly on from where the agent was; now and then back, or beyond.
      switch generator.next() % 12 {
      case 0: next[agent] -= min(next[agent], 7)
      case 1: next[agent] += 3
      default: break
      }
      let count = 1 + generator.next() % 20
      let samples = Array(next[agent]..<next[agent] + count)
      next[agent] += count
      // A block of other content, or one that is not finite, is rare.
      let odd: Float? = [nil, nil, nil, nil, 0.5, .nan][Int(generator.next() % 6)]
      let values = samples.map { $0 % 9 == 4 ? odd ?? Float($0) : Float($0) }

      let batch = try Self.batch(samples, from: agent, values)
      ofWhole.add(whole.contributed(batch, by: agent, at: now), of: batch)
      for (sample, value) in zip(samples, values) {
        let batch = try Self.batch([sample], from: agent, [value])
        ofParts.add(parts.contributed(batch, by: agent, at: now), of: batch)
      }
      try #require(ofWhole == ofParts, "seed \(seed), step \(step)")
      #expect(whole.openCount == parts.openCount && whole.runningCount == parts.runningCount)
    }
    let end = Duration.seconds(1000)
    ofWhole.closed += whole.advanced(to: end)
    ofParts.closed += parts.advanced(to: end)
    #expect(ofWhole == ofParts)
    #expect(ofWhole.closed.count > 50)
    // What is closed has the bits that its agents sent.
    for round in ofWhole.closed {
      for agent in Self.agents.indices where !round.observed[agent] {
        #expect(Self.roster.layout[agent].allSatisfy { round.embedding.isEmpty || round.embedding[$0] == 0 })
      }
    }
  }
}

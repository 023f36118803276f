import CopurCore
import CopurFusionCenter
import CopurNumerics
import Testing

private typealias Key = RememberedRounds.Key

/// What a plain dictionary remembers.
private struct Reference {
  let capacity: Int
  var order: [Key] = []
  var hashes: [Key: [UInt64?]] = [:]
  var verdicts: [Key: Verdict] = [:]

  mutating func remember(_ key: Key, _ hashes: [UInt64?]) -> Key? {
    order.append(key)
    self.hashes[key] = hashes
    guard order.count > capacity else { return nil }
    let oldest = order.removeFirst()
    self.hashes[oldest] = nil
    verdicts[oldest] = nil
    return oldest
  }

  mutating func decided(_ verdict: Verdict, session: Int) {
    let key = Key(session: session, sample: verdict.sample)
    if hashes[key] != nil { verdicts[key] = verdict }
  }
}

extension SeededGenerator {
  fileprivate mutating func flip() -> Bool { next() % 2 == 0 }
}

/// A verdict that has, or lacks, each of the things that a defence may say.
private func verdict(_ key: Key, observed: [Bool], _ generator: inout SeededGenerator) -> Verdict {
  let agents = roster.agents
  let classes = Int(generator.next() % 3) + 2
  let decision = Decision(
    label: Int(generator.next() % UInt64(classes)), probabilities: (0..<classes).map { _ in generator.uniform(0, 1) },
    residuals: generator.flip() ? observed.map { $0 ? generator.uniform(0, 1) : nil } : nil,
    converged: generator.flip() ? generator.flip() : nil, objective: generator.flip() ? generator.uniform(0, 1) : nil,
    suspects: generator.flip() ? observed.map { $0 && generator.flip() } : nil,
    gate: [nil, .passed, .withheld, .overruled][Int(generator.next() % 4)])
  return Verdict(
    session: "session \(key.session)", sample: key.sample, modelVersion: "model \(generator.next() % 3)",
    defense: generator.flip() ? "copur" : "unsecured",
    contributed: agents.indices.filter { observed[$0] }.map { agents[$0] },
    missing: agents.indices.filter { !observed[$0] }.map { agents[$0] },
    decision: generator.next() % 5 == 0 ? nil : decision,
    traceparent: generator.flip() ? "trace \(generator.next() % 3)" : nil)
}

@Suite struct RememberedRoundsTests {
  /// Over several chunks, with verdicts that come late, in another order, or not at all.
  @Test(arguments: [1, 3, RememberedRounds.chunkRounds - 1, RememberedRounds.chunkRounds, 2500])
  func agreesWithADictionary(capacity: Int) {
    var generator = SeededGenerator(seed: UInt64(capacity))
    var rounds = RememberedRounds(agents: roster.agents, capacity: capacity)
    var reference = Reference(capacity: capacity)
    var undecided: [(key: Key, observed: [Bool])] = []
    for number in 0..<6000 {
      let key = Key(session: Int(generator.next() % 4), sample: .max - UInt64(number))
      let hashes: [UInt64?] = roster.agents.map { _ in generator.flip() ? generator.next() % 3 : nil }
      #expect(rounds.remember(key, hashes: hashes) == reference.remember(key, hashes))
      undecided.append((key, hashes.map { $0 != nil }))
      while undecided.count > 5, generator.flip() {
        let round = undecided.remove(at: Int(generator.next() % UInt64(undecided.count)))
        if generator.next() % 10 == 0 { continue }
        let verdict = verdict(round.key, observed: round.observed, &generator)
        rounds.decided(verdict, session: round.key.session)
        reference.decided(verdict, session: round.key.session)
      }
      guard number % 700 == 0 || number == 5999 else { continue }
      #expect(rounds.count == reference.order.count)
      for key in reference.order where !agree(rounds, reference, key) {
        Issue.record("capacity \(capacity): \(key) after \(number + 1) rounds")
        return
      }
      #expect(!rounds.contains(Key(session: 0, sample: 0)) && rounds.round(Key(session: 0, sample: 0)) == nil)
    }
  }

  private func agree(_ rounds: RememberedRounds, _ reference: Reference, _ key: Key) -> Bool {
    guard let round = rounds.round(key), rounds.contains(key) else { return false }
    return roster.agents.indices.map(round.hash(of:)) == reference.hashes[key]!
      && round.verdict(session: "session \(key.session)") == reference.verdicts[key]
  }

  @Test func forgetsAVerdictWithItsRound() {
    var rounds = RememberedRounds(agents: roster.agents, capacity: 1)
    var generator = SeededGenerator(seed: 0)
    let (first, second) = (Key(session: 0, sample: 1), Key(session: 0, sample: 2))
    #expect(rounds.remember(first, hashes: [1, 2, 3]) == nil)
    #expect(rounds.round(first)?.verdict(session: "session 0") == nil)
    #expect(rounds.remember(second, hashes: [nil, nil, nil]) == first)
    rounds.decided(verdict(first, observed: [true, true, true], &generator), session: 0)
    #expect(rounds.round(first) == nil && rounds.count == 1)
    #expect(rounds.round(second)?.hash(of: 0) == nil)
  }
}

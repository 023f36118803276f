import CopurCore
import CopurDefenses
import CopurNumerics
import Testing

@Suite("AgentVote")
struct AgentVoteTests {
  private func vote(
    _ logits: [Float?], clip: Double = 1, trim: Int = 0, evidence: VoteRule.Evidence = .logits, voters: [Int]? = nil,
    absence: [[Float]]? = nil
  ) -> Decision {
    let layout = BlockLayout(widths: logits.map { _ in 1 })
    var observation = Observation(layout: layout, samples: 1)
    for (agent, logit) in logits.enumerated() where logit != nil {
      observation.set(block: agent, of: 0, to: [logit!])
    }
    return AgentVote(
      layout: layout, classes: 2, rule: VoteRule(evidence, clip: clip, trim: trim), voters: voters,
      absence: absence
    ).decide(observation)[0]
  }

  @Test("two classes: the sign of the sum of clipped margins, without the highest and the lowest")
  func binary() {
    #expect(vote([9, -1, -1]).label == 0, "clipped: 1 − 1 − 1")
    #expect(vote([9, -1, -1], clip: 10).label == 1)
    #expect(vote([9, -1, -1, 0.5], clip: 10, trim: 1).label == 0, "−1 + 0.5 is left")
    #expect(vote([0.2, -0.9, -0.9], evidence: .votes).label == 0)
    #expect(vote([0.2, 0.1, -0.9], evidence: .votes).label == 1)
    #expect(vote([3, -0.1, -0.1], evidence: .probabilities).label == 1)
  }

  @Test("a missing agent gives no evidence, and where trimming leaves none the rest decides")
  func missing() {
    #expect(vote([1, nil, nil]).label == 1)
    #expect(vote([1, nil, nil], trim: 1).label == 1, "0 is left: all margins decide")
    #expect(vote([nil, nil, nil], trim: 1).label == 0, "nothing at all: the first class")
    #expect(vote([1, 1, -1, nil, nil], trim: 1).label == 1)
    #expect(vote([-9, 1, 1], clip: 10, voters: [1, 2]).label == 1, "an agent that does not vote")
  }

  @Test("a missing agent's evidence is what its being missing was worth in training, within the bound")
  func absence() {
    let absence: [[Float]] = [[0], [-3], [0.25]]
    #expect(vote([0.5, nil, 0.1], absence: absence).label == 0, "0.5 − 1 + 0.1")
    #expect(vote([1.5, nil, 0.1], absence: absence).label == 1, "1 − 1 + 0.1: clipped like any other")
    #expect(vote([0.5, -0.6, 0.1], absence: absence).label == 0, "one that is there says what it says")
    #expect(vote([nil, nil, nil], trim: 1, absence: absence).label == 0, "0 is left, and −1 + 0.25 decides")
    #expect(vote([nil, nil, 0.5], voters: [0, 2], absence: absence).label == 1)
    // A hard vote of an agent that was never missing in training is none at all, not one for the first class.
    #expect(vote([nil, nil, 0.5], evidence: .votes).label == 1)
  }

  @Test("as many margins are left out as lie, and one more, but never the middle; agents that are named do not vote")
  func trims() throws {
    #expect((0...6).map { VoteRule.trim(voters: 10, liars: $0) } == [2, 2, 3, 4, 4, 4, 4])
    #expect((1...8).map { VoteRule.trim(voters: $0, liars: 1) } == [0, 0, 1, 1, 2, 2, 2, 2])
    #expect(VoteRule.trim(voters: 100, liars: 20) == 21)
    func settings(_ threat: Threat, agents: Int = 10, classes: [String] = ["a", "b"]) throws -> AgentVote.Settings {
      AgentVote.Settings(
        in: KindContext(agents: try (1...agents).map { try AgentID("a\($0)") }, classNames: classes, threat: threat))
    }
    #expect(try [1, 2, 3].map { try settings(Threat(any: $0)).trim } == [2, 3, 4])
    #expect(try settings(Threat(any: 1, missing: 1)).trim == 3, "who is silent has no more say than who lies")
    let named = try settings(Threat(agents: [try AgentID("a1"), try AgentID("a3")]), agents: 6)
    #expect(named.trim == 1 && named.withoutNames == ["a1", "a3"], "four vote")
    #expect(try settings(Threat(any: 3), classes: ["a", "b", "c"]).trim == 0)
  }

  @Test("many classes: the class that beats every other; agents in any order give the same bits")
  func manyClasses() {
    var generator = SeededGenerator(seed: 1)
    let layout = BlockLayout(widths: [Int](repeating: 4, count: 7))
    let embeddings = generator.normalMatrix(rows: 200, columns: 28)
    for evidence in VoteRule.Evidence.allCases {
      for trim in [0, 2] {
        let rule = VoteRule(evidence, clip: 1, temperature: 0.5, trim: trim)
        let decisions = AgentVote(layout: layout, classes: 4, rule: rule)
          .decide(Observation(layout: layout, embeddings: embeddings))
        var turned = embeddings
        for agent in 0..<7 { turned.replaceColumns(layout[(agent + 3) % 7], with: embeddings.columns(layout[agent])) }
        #expect(
          AgentVote(layout: layout, classes: 4, rule: rule)
            .decide(Observation(layout: layout, embeddings: turned)) == decisions)
        if evidence == .probabilities, trim == 0 {
          // Without trimming pairs are consistent: the largest sum of probabilities.
          for (row, decision) in decisions.enumerated() {
            var sums = [Double](repeating: 0, count: 4)
            for agent in 0..<7 {
              let values = layout[agent].map { exponential(2 * Double(embeddings[row, $0])) }
              for label in 0..<4 { sums[label] += values[label] / values.reduce(0, +) }
            }
            #expect(decision.label == sums.indices.max { sums[$0] < sums[$1] })
          }
        }
      }
    }
  }

  private func exponential(_ x: Double) -> Double {
    // Enough terms for |x| under 10.
    var (sum, term) = (1.0, 1.0)
    for index in 1..<60 {
      term *= x / Double(index)
      sum += term
    }
    return sum
  }
}

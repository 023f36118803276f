import CopurCore
import CopurFusionCenter
import CopurServing
import Testing

struct CertifiedAgentsTests {
  @Test("Verdicts are counted by the agents that they withstand; those that do not say are not")
  func rounds() {
    let decisions = [
      Decision(label: 0, probabilities: [1], certifiedAgents: 2), Decision(label: 0, probabilities: [1]), nil,
      Decision(label: 0, probabilities: [1], certifiedAgents: 0),
      Decision(label: 0, probabilities: [1], certifiedAgents: 2),
    ]
    var meters = RoundMeters(roster: SumDefense.roster)
    meters.count(
      decisions.map { decision in
        DecidedRound(
          verdict: Verdict(
            session: "s", sample: 0, modelVersion: "1", defense: "sum", contributed: [], missing: [], decision: decision
          ),
          latency: nil)
      }, lost: 0)
    #expect(meters.certified.counts[..<4] == [1, 0, 2, 0] && meters.certified.count == 3)
  }

  @Test("The metric is there before anything is certified")
  func text() async throws {
    try await withPlane { url, _ async throws in
      let lines = try await get("metrics", of: url).body.split(separator: "\n")
      #expect(lines.contains("copur_certified_agents_count 0"))
    }
  }
}

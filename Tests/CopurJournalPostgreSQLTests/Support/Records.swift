import CopurCore
import CopurFusionCenter

/// Three agents of unequal widths.
let roster = try! AgentRoster(agents: [AgentID("a"), AgentID("b"), AgentID("c")], widths: [2, 1, 3])

/// Blocks of agent "b", a float each.
func contribution(_ samples: [UInt64], _ values: [Float], in session: String = "s") -> JournalGroup.Contribution {
  JournalGroup.Contribution(
    session: session, defense: "toy", modelVersion: "m1", agent: roster.agents[1], samples: samples,
    hashes: values.map { BlockHash.of([$0][...]) }, values: values)
}

/// A verdict on agent "b"'s block alone.
func verdict(_ sample: UInt64, _ decision: Decision?, in session: String = "s") -> Verdict {
  Verdict(
    session: session, sample: sample, modelVersion: "m1", defense: "toy", contributed: [roster.agents[1]],
    missing: [roster.agents[0], roster.agents[2]], decision: decision)
}

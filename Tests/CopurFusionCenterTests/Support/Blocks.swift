import CopurCore
import CopurNumerics
import CopurWire

/// Three agents of unequal widths.
let roster = try! AgentRoster(agents: [AgentID("a"), AgentID("b"), AgentID("c")], widths: [2, 1, 3])

/// A message with the same value all over each sample's block.
func message(_ session: String, _ samples: [UInt64], width: Int, _ values: [Float]) -> Copur_V1_ContributeRequest {
  var message = Copur_V1_ContributeRequest()
  message.session = session
  message.samples = samples
  message.values = values.flatMap { [Float](repeating: $0, count: width) }
  return message
}

/// The checked batch of such a message.
func batch(
  _ samples: [UInt64], from agent: Int, _ values: [Float], in session: String = "s"
) -> BlockBatch {
  let width = roster.layout.widths[agent]
  return try! BlockBatch(
    message(session, samples, width: width, values), agent: roster.agents[agent], width: width, maximumSamples: 100)
}

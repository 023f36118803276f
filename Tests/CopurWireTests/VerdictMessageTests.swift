import CopurCore
import CopurNumerics
import CopurWire
import SwiftProtobuf
import Testing

private let roster = try! AgentRoster(agents: [AgentID("a"), AgentID("b"), AgentID("c")], widths: [1, 1, 1])

private func verdict(_ decision: Decision?, missing: [Int] = [1]) -> Verdict {
  Verdict(
    session: "s", sample: .max, modelVersion: "m1", defense: "copur",
    contributed: roster.agents.indices.filter { !missing.contains($0) }.map { roster.agents[$0] },
    missing: missing.map { roster.agents[$0] }, decision: decision)
}

@Suite struct VerdictMessageTests {
  @Test(arguments: [
    verdict(
      Decision(
        label: 2, probabilities: [0.1, 0.2, 0.7], residuals: [0, nil, 12.5], converged: false, objective: 12.5)),
    verdict(
      Decision(
        label: 0, probabilities: [1], residuals: [0, nil, 12.5], suspects: [false, false, true], gate: .withheld)),
    verdict(Decision(label: 0, probabilities: [1], suspects: [false, false, false], gate: .overruled)),
    verdict(Decision(label: 0, probabilities: [1], gate: .passed)),
    verdict(Decision(label: 0, probabilities: [1])),
    verdict(Decision(label: 0, probabilities: [1], residuals: [1, 2, 3]), missing: []),
    verdict(
      Decision(
        label: 199, probabilities: (0..<200).map { Float($0) }, residuals: [-0.0, 2, 3], suspects: [true, false, true],
        gate: .withheld, certifiedAgents: 2), missing: []),
    // No agent withstood is something else than nothing said.
    verdict(Decision(label: 0, probabilities: [1], certifiedAgents: 0)),
    verdict(Decision(label: 0, probabilities: [1], certifiedAgents: 3), missing: []),
    verdict(nil, missing: [0, 1, 2]),
  ])
  func comesBackAsItWas(verdict: Verdict) throws {
    let bytes: [UInt8] = try Copur_V1_Verdict(verdict, roster: roster, quorum: 2).serializedBytes()
    let message = try Copur_V1_Verdict(serializedBytes: bytes)
    #expect(message.agents.map(\.agent) == ["a", "b", "c"])
    #expect(message.noDecisionReason.isEmpty == (verdict.decision != nil))
    #expect(try Verdict(message) == verdict)
    // Written without message objects it is the same, byte by byte, at either field.
    let encoder = VerdictEncoder(roster: roster, quorum: 2)
    var (watched, predicted) = (Copur_V1_WatchResponse(), Copur_V1_PredictResponse())
    (watched.verdicts, predicted.verdicts) = ([message, message], [message])
    #expect(try encoder.message(of: [verdict, verdict], field: 1) == watched.serializedBytes())
    #expect(try encoder.message(of: [verdict], field: 2) == predicted.serializedBytes())
  }

  @Test("A trace comes back; where there is none, nothing of it is in the bytes")
  func trace() throws {
    func bytes(_ verdict: Verdict) throws -> [UInt8] {
      try Copur_V1_Verdict(verdict, roster: roster, quorum: 1).serializedBytes()
    }
    let untraced = verdict(Decision(label: 0, probabilities: [1]))
    var traced = untraced
    traced.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    #expect(try Verdict(Copur_V1_Verdict(serializedBytes: bytes(traced))) == traced)
    // Field 8, length-delimited, behind everything else.
    let field = [8 << 3 | 2, 55] + Array(try #require(traced.traceparent).utf8)
    #expect(try bytes(traced) == bytes(untraced) + field)
    var message = Copur_V1_WatchResponse()
    message.verdicts = [Copur_V1_Verdict(traced, roster: roster, quorum: 1)]
    #expect(
      try VerdictEncoder(roster: roster, quorum: 1).message(of: [traced], field: 1) == message.serializedBytes())
    #expect(try Verdict(Copur_V1_Verdict(serializedBytes: bytes(untraced))).traceparent == nil)
  }

  @Test func saysWhyThereIsNoDecision() {
    let message = Copur_V1_Verdict(verdict(nil), roster: roster, quorum: 3)
    #expect(message.noDecisionReason == "quorum: at least 3 of 3 blocks (actual: 2)")
  }

  @Test func messagesThatMakeNoSense() {
    let good = Copur_V1_Verdict(verdict(Decision(label: 0, probabilities: [1])), roster: roster, quorum: 1)
    let cases: [(String, (inout Copur_V1_Verdict) -> Void)] = [
      ("Verdict.session", { $0.session = "" }),
      ("Verdict.agents", { $0.agents[0].agent = "no such name" }),
      ("Verdict.agents", { $0.agents[0].agent = "b" }),
      ("Verdict.agents", { $0.agents[1].residual = 1 }),
      ("Verdict.agents", { $0.agents[1].suspect = false }),
      ("Decision.label", { $0.decision.label = 1 }),
      ("Decision.label", { $0.decision.label = .max }),
      ("Decision.label", { $0.decision.probabilities = [] }),
      ("Decision.certified_agents", { $0.decision.certifiedAgents = 4 }),
    ]
    for (field, spoil) in cases {
      var message = good
      spoil(&message)
      let error = #expect(throws: WireError.self) { try Verdict(message) }
      #expect(error?.field == field)
    }
  }
}

@Suite struct ReceiptMessageTests {
  @Test(arguments: Receipt.Status.allCases) func comesBackAsItWas(status: Receipt.Status) throws {
    let receipt = Receipt(session: "s", samples: [1, .max], status: status, reason: "why")
    let bytes: [UInt8] = try Copur_V1_Receipt(receipt).serializedBytes()
    #expect(try Receipt(Copur_V1_Receipt(serializedBytes: bytes)) == receipt)
  }

  @Test(arguments: [0, 6, -1]) func anUnknownStatusIsAnError(number: Int) {
    var message = Copur_V1_Receipt()
    message.status = Copur_V1_Receipt.Status(rawValue: number) ?? .unspecified
    let error = #expect(throws: WireError.self) { try Receipt(message) }
    #expect(error?.rule == "1 to 5 (actual: \(number))")
  }
}

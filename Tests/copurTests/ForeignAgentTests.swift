import CopurLaunch
import CopurScenarios
import Foundation
import Testing

extension ProcessTests {
  /// Python's grpcio, with stubs generated from `Protocols/`, as agent and client of `copur serve`.
  struct ForeignAgentTests {
    private func withFusionCenter<Result>(
      _ options: [String], _ body: (ForeignAgent.Target, RunningProgram) async throws -> Result
    ) async throws -> Result {
      let workshop = try await Workshop.shared.value
      return try await withProgram(Programs.copur(), workshop.serve(options)) { center in
        try await body(
          ForeignAgent.Target(
            port: try await center.listening().port, certificates: workshop.certificates, agents: SmallScenario.agents,
            modelVersion: workshop.modelVersion, width: 8), center)
      }
    }

    @Test(
      "Join: the round settings; a wrong name, model, width or certificate is refused by name",
      .timeLimit(.minutes(1)))
    func join() async throws {
      struct Answer: Decodable {
        struct Refusal: Decodable { var code, message: String }
        struct Settings: Decodable {
          var model: String
          var agents, defenses: [String]
          var index, quorum: Int
          var deadline: Double
        }
        var refused: [String: Refusal]
        var settings: Settings
      }
      let options = ["--deadline", "1.5s", "--quorum", "2", "--defense", "copur", "--defense", "unsecured"]
      try await withFusionCenter(options) { target, center in
        let answer = try await ForeignAgent.play("join", against: target, answer: Answer.self)
        let expected = [
          "another's name": (
            "PERMISSION_DENIED", "named: \"top-right\", certificate: spiffe://copur/agent/top-left"
          ),
          "another model": (
            "FAILED_PRECONDITION", "(expected: \"\(target.modelVersion)\", actual: \"0123456789abcdef\")"
          ),
          "another width": ("FAILED_PRECONDITION", "block is 8 wide (actual: 9)"),
          "no agent's certificate": ("PERMISSION_DENIED", "spiffe://copur/client/client"),
          "no certificate": ("UNAVAILABLE", ""),
          "contributing in another's name": ("PERMISSION_DENIED", "named: \"top-right\""),
          "contributing from another model": ("FAILED_PRECONDITION", "actual: \"0123456789abcdef\""),
          "an agent that asks": (
            "PERMISSION_DENIED", "FusionCenter/Predict is for the roles admin, client, driver (certificate: "
          ),
          "an agent that watches": ("PERMISSION_DENIED", "FusionCenter/Watch is for the roles admin, client, viewer"),
          "a viewer that asks": ("PERMISSION_DENIED", "(certificate: spiffe://copur/viewer/viewer)"),
          "no samples": ("INVALID_ARGUMENT", "PredictRequest.samples"),
          "no such defence": ("NOT_FOUND", "(actual: \"magic\")"),
        ]
        #expect(Set(answer.refused.keys) == Set(expected.keys))
        for (attempt, (code, message)) in expected {
          #expect(answer.refused[attempt]?.code == code, "\(attempt)")
          let said = answer.refused[attempt]?.message ?? ""
          #expect(message.isEmpty || said.contains(message), "\(attempt): \(said)")
        }
        // After all that: the fusion center goes on.
        #expect(answer.settings.model == target.modelVersion)
        #expect(answer.settings.agents == SmallScenario.agents && answer.settings.index == 0)
        #expect(answer.settings.deadline == 1500 && answer.settings.quorum == 2)
        #expect(answer.settings.defenses == ["copur", "unsecured"])
        #expect(center.entry.isAlive)
      }
    }

    @Test(
      "Contribute and Predict: every status of a receipt, and verdicts that say who is missing",
      .timeLimit(.minutes(1)))
    func receipts() async throws {
      struct Answer: Decodable {
        var receipts: [String: ForeignAgent.Receipt]
        var verdicts: [ForeignAgent.Verdict]
        var traceparents: [String]
        var ended: [Bool]
      }
      try await withFusionCenter(["--deadline", "1s"]) { target, _ in
        let answer = try await ForeignAgent.play("receipts", against: target, answer: Answer.self)
        let expected = [
          "first": (0, "ACCEPTED", ""), "again": (0, "DUPLICATE", ""),
          "otherwise": (0, "CONFLICT", "the first block of a sample stands (sample 0"),
          "not a number": (1, "INVALID", "every value is finite (sample 1, value 0: nan)"),
          "too wide": (1, "INVALID", "a block is 8 wide (samples: 1, values: 9 instead of 8)"),
          "another agent": (1, "ACCEPTED", ""),
          "after the deadline": (0, "LATE", "the round of sample 0 closed without agent top-right"),
          "again, after the deadline": (0, "DUPLICATE", ""),
        ]
        #expect(Set(answer.receipts.keys) == Set(expected.keys))
        for (step, (sample, status, reason)) in expected {
          let receipt = try #require(answer.receipts[step])
          #expect(receipt.session == "foreign" && receipt.samples == [UInt64(sample)], "\(step)")
          #expect(receipt.status == status, "\(step)")
          #expect(
            reason.isEmpty ? receipt.reason.isEmpty : receipt.reason.contains(reason), "\(step): \(receipt.reason)")
        }
        // Sample 0: only the first agent spoke. Sample 1: its block had a NaN, so it is missing there.
        #expect(answer.verdicts.map(\.sample) == [0, 1])
        #expect(answer.verdicts.map(\.contributed) == [["top-left"], ["top-right"]])
        for verdict in answer.verdicts {
          #expect(verdict.session == "foreign" && verdict.defense == "copur" && verdict.model == target.modelVersion)
          #expect(verdict.agents == SmallScenario.agents)
          #expect(Set(verdict.contributed + verdict.missing) == Set(SmallScenario.agents))
          #expect(Array(verdict.residuals.keys) == verdict.contributed)
          #expect(verdict.probabilities.count == 10 && abs(verdict.probabilities.reduce(0, +) - 1) < 1e-4)
          #expect(
            verdict.label == verdict.probabilities.indices.max { verdict.probabilities[$0] < verdict.probabilities[$1] }
          )
          #expect(verdict.converged != nil)
          let residual = try #require(verdict.residuals.values.first)
          #expect(abs(try #require(verdict.objective) - residual) <= 1e-4 * max(1, residual))
        }
        // The trace that the client sent goes on with a span of the service, the same in the answer and in the verdicts.
        let (sent, answered) = (answer.traceparents[0], answer.traceparents[1])
        #expect(sent != answered && sent.prefix(36) == answered.prefix(36))
        #expect(answer.verdicts.map(\.traceparent) == [answered, answered])
        #expect(answer.ended == [true, true])
      }
    }

    @Test(
      "A foreign agent among ours: it is part of every round, and the one with the largest residual",
      .timeLimit(.minutes(1)))
    func live() async throws {
      try await withFusionCenter(["--deadline", "20s"]) { target, _ in
        let workshop = try await Workshop.shared.value
        try await LiveSession(target: target, rows: SmallScenario.rows) { agent in
          workshop.agent(agent, to: target.port)
        }.check()
      }
    }
  }
}

import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import GRPCCore
import Testing

@Suite struct ContributeTests {
  @Test func everyAgentSpeaksAndTheVerdictSaysSo() async throws {
    try await withFusionCenter(configuration()) { stub, _ in
      let verdicts = try await stub.verdicts(of: [7]) { _ in
        for (agent, width, value) in [("a", 2, Float(1)), ("b", 1, 2), ("c", 3, -1)] {
          try await stub.contributing(as: agent) { stream in
            stream.send([7], width: width, [value])
            let outcome = try await stream.next()
            #expect(outcome == .init(session: "s", sample: 7, status: .accepted, reason: ""))
          }
        }
      }
      let expected = Verdict(
        session: "s", sample: 7, modelVersion: "m1", defense: "toy", contributed: roster.agents, missing: [],
        decision: Decision(
          label: 1, probabilities: [0.25, 0.75], residuals: [2, 2, 3], converged: true, objective: 1))
      #expect(verdicts == [expected])
    }
  }

  @Test func aSilentAgentIsMissingAtTheDeadline() async throws {
    let clock = ManualClock()
    try await withFusionCenter(configuration(), clock: clock) { stub, _ in
      let verdicts = try await stub.verdicts(of: [1]) { _ in
        try await stub.contributing(as: "a") { a in
          a.send([1], width: 2, [-1])
          try await a.expect([.accepted])
          try await stub.contributing(as: "c") { c in
            c.send([1], width: 3, [-1])
            try await c.expect([.accepted])
          }
          clock.advance(by: .milliseconds(250))
        }
      }
      #expect(verdicts.map(\.missing) == [[roster.agents[1]]])
      #expect(verdicts.map(\.contributed) == [[roster.agents[0], roster.agents[2]]])
      #expect(verdicts[0].decision?.residuals == [2, nil, 3])
      #expect(verdicts[0].decision?.objective == -5)
    }
  }

  @Test func badNumbersAreRefusedAndAValidBlockMayFollow() async throws {
    try await withFusionCenter(configuration()) { stub, _ in
      try await stub.contributing(as: "c") { c in
        for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
          c.send([1], width: 3, [bad])
          let outcome = try #require(try await c.next())
          #expect(outcome.status == .invalid)
          #expect(outcome.reason.hasPrefix("agent c: every value is finite (sample 1, value 0: "))
        }
        for width in [0, 1, 2, 4, 4096] {
          c.send([2], width: width, [1])
          let outcome = try #require(try await c.next())
          #expect(outcome.status == .invalid)
          #expect(outcome.reason == "agent c: a block is 3 wide (samples: 1, values: \(width) instead of 3)")
        }
        for good in [Float.leastNonzeroMagnitude, 1e38, 0] {
          c.send([UInt64(good == 0 ? 3 : good > 1 ? 2 : 1)], width: 3, [good])
          try await c.expect([.accepted])
        }
      }
    }
  }

  @Test func duplicatesConflictsAndLateBlocks() async throws {
    let clock = ManualClock()
    try await withFusionCenter(configuration(), clock: clock) { stub, _ in
      try await stub.contributing(as: "b") { b in
        b.send([1], width: 1, [1])
        b.send([1], width: 1, [1])
        b.send([1], width: 1, [2])
        try await b.expect([.accepted, .duplicate, .conflict])
        clock.advance(by: .milliseconds(250))
        b.send([1], width: 1, [1])
        b.send([1], width: 1, [2])
        try await b.expect([.duplicate, .conflict])
        try await stub.contributing(as: "a") { a in
          a.send([1], width: 2, [1])
          let late = try #require(try await a.next())
          #expect(late.status == .late && late.reason == "the round of sample 1 closed without agent a")
        }
      }
    }
  }

  @Test func batchesShareReceipts() async throws {
    try await withFusionCenter(configuration()) { stub, _ in
      try await stub.contributing(as: "b") { b in
        b.send([1, 2, 3, 2], width: 1, [1, 2, .nan, 2])
        b.finish()
        var outcomes: [Copur_V1_Receipt.Status] = []
        while let outcome = try await b.next() { outcomes.append(outcome.status) }
        #expect(outcomes == [.accepted, .accepted, .invalid, .duplicate])
      }
    }
  }

  /// A message that is no contribution ends its own stream, after the receipts of what came before.
  @Test func brokenMessagesEndTheirStreamOnly() async throws {
    var limits = RoundLimits()
    limits.samplesPerMessage = 2
    let tooMany = message("s", [1, 2, 3], width: 1, [1, 1, 1])
    var otherAgent = message("s", [9], width: 1, [1])
    otherAgent.agent = "a"
    var otherModel = message("s", [9], width: 1, [1])
    otherModel.modelVersion = "m2"
    var stray = Copur_V1_ContributeRequest()
    stray.values = [1]
    let cases: [(Copur_V1_ContributeRequest, RPCError.Code, String)] = [
      (tooMany, .resourceExhausted, "ContributeRequest.samples: too many samples in a message (max: 2, actual: 3)"),
      (message("", [9], width: 1, [1]), .invalidArgument, "ContributeRequest.session"),
      (message("a b", [9], width: 1, [1]), .invalidArgument, "ContributeRequest.session"),
      (otherAgent, .invalidArgument, "ContributeRequest.agent: a stream is one agent's (first: b, now: \"a\")"),
      (otherModel, .invalidArgument, "ContributeRequest.model_version"),
      (stray, .invalidArgument, "ContributeRequest.values: values belong to samples"),
    ]
    try await withFusionCenter(configuration(limits: limits)) { stub, _ in
      for (number, (broken, code, text)) in cases.enumerated() {
        let failure = await failure {
          try await stub.contributing(as: "b") { b in
            b.send([UInt64(number)], width: 1, [1])
            b.send(broken)
            try await b.expect([.accepted])
            _ = try await b.next()
          }
        }
        #expect(failure?.code == code, "\(text)")
        #expect(failure?.message.hasPrefix(text) == true, "\(failure?.message ?? "")")
      }
    }
  }

  /// It once ended the stream, and with it lost blocks of agents that had done nothing wrong.
  @Test func aStreamWaitsForRoomInTheTable() async throws {
    var limits = RoundLimits()
    limits.openRounds = 3
    let clock = ManualClock()
    try await withFusionCenter(configuration(limits: limits), clock: clock) { stub, _ in
      try await stub.contributing(as: "b") { b in
        b.send([1, 2, 3, 4, 5], width: 1, [1, 1, 1, 1, 1])
        try await b.expect([.accepted, .accepted, .accepted])
        clock.advance(by: .milliseconds(250))
        try await b.expect([.accepted, .accepted])
      }
    }
  }

  /// With the smallest backlog, streams wait for the journal and the worker, and lose nothing.
  @Test func backPressureLosesNothing() async throws {
    var limits = RoundLimits()
    limits.backlog = 1
    limits.blocksInFlightPerStream = 1
    try await withFusionCenter(configuration(limits: limits), clock: ContinuousClock()) { stub, _ in
      let samples = Array(UInt64(0)..<200)
      let verdicts = try await stub.verdicts(of: samples) { _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (index, agent) in roster.agents.enumerated() {
            group.addTask {
              try await stub.contributing(as: agent.name) { stream in
                for sample in samples { stream.send([sample], width: roster.layout.widths[index], [1]) }
                let statuses = try await stream.statuses(200)
                #expect(statuses.count == 200 && statuses.allSatisfy { $0 == .accepted || $0 == .late })
              }
            }
          }
          try await group.waitForAll()
        }
      }
      #expect(Set(verdicts.map(\.sample)) == Set(samples) && verdicts.count == 200)
    }
  }
}

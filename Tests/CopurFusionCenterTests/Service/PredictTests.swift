import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import GRPCCore
import Testing

/// Sends one sample in the name of every agent.
private func everyAgentSends(_ samples: [UInt64], in session: String = "s", _ stub: Stub) async throws {
  for (index, agent) in roster.agents.enumerated() {
    try await stub.contributing(as: agent.name) { stream in
      stream.send(samples, width: roster.layout.widths[index], samples.map { _ in 1 }, in: session)
      try await stream.expect(samples.map { _ in .accepted })
    }
  }
}

@Suite struct PredictTests {
  @Test func theFirstMessageSaysThatTheSessionIsOpen() async throws {
    let defenses = [ToyDefense("first"), ToyDefense("second")]
    try await withFusionCenter(configuration(defenses: defenses)) { stub, _ in
      let verdicts = try await stub.verdicts(of: Array(0..<20), defense: "second") { opened in
        #expect(opened.session == "s" && opened.defense == "second" && opened.modelVersion == "m1")
        #expect(opened.samples == 20)
        try await everyAgentSends(Array(0..<20), stub)
      }
      #expect(verdicts.map(\.sample) == Array(0..<20))
      #expect(verdicts.allSatisfy { $0.defense == "second" && $0.missing.isEmpty })
      #expect(defenses[0].batches.isEmpty && defenses[1].batches.reduce(0, +) == 20)
    }
  }

  @Test func requestsThatMakeNoSense() async throws {
    var limits = RoundLimits()
    limits.requestedRounds = 1000
    func request(_ session: String = "s", defense: String = "", _ build: (inout Copur_V1_Samples) -> Void)
      -> Copur_V1_PredictRequest
    {
      var request = Copur_V1_PredictRequest()
      request.session = session
      request.defense = defense
      build(&request.samples)
      return request
    }
    func range(_ first: UInt64, _ count: UInt64) -> Copur_V1_SampleRange {
      var range = Copur_V1_SampleRange()
      range.first = first
      range.count = count
      return range
    }
    let cases: [(Copur_V1_PredictRequest, RPCError.Code, String)] = [
      (request { _ in }, .invalidArgument, "PredictRequest.samples: there is at least one sample"),
      (request { $0.listed = [1, 2, 1] }, .invalidArgument, "a sample is named once (twice: 1)"),
      (
        request { $0.ranges = [range(1, .max)] }, .resourceExhausted,
        "too many samples (max: 1000, actual: \(UInt64.max))"
      ),
      (request { $0.ranges = [range(2, .max)] }, .invalidArgument, "at most 2^64 - 1"),
      (request { $0.ranges = [range(2, 0)] }, .invalidArgument, "a range has at least one sample"),
      (request("") { $0.listed = [1] }, .invalidArgument, "PredictRequest.session"),
      (request(defense: "x") { $0.listed = [1] }, .notFound, "defense: one of [\"toy\"] (actual: \"x\")"),
    ]
    try await withFusionCenter(configuration(limits: limits)) { stub, _ in
      for (request, code, text) in cases {
        let failure = await failure {
          try await stub.predict(request) { response in for try await _ in response.messages {} }
        }
        #expect(failure?.code == code, "\(text)")
        #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
      }
    }
  }

  @Test func anOpenSessionKeepsItsDefence() async throws {
    try await withFusionCenter(configuration(defenses: [ToyDefense("first"), ToyDefense("second")])) { stub, _ in
      _ = try await stub.verdicts(of: [1], defense: "second") { _ in
        let failure = await failure { _ = try await stub.verdicts(of: [2], defense: "first") }
        #expect(failure?.code == .failedPrecondition)
        try await everyAgentSends([1], stub)
      }
      // The verdict is there already.
      #expect(try await stub.verdicts(of: [1]).map(\.defense) == ["second"])
    }
  }

  @Test func roundsThatNobodySpeaksInEndWithEveryAgentMissing() async throws {
    let clock = ManualClock()
    try await withFusionCenter(configuration(), clock: clock) { stub, _ in
      let verdicts = try await stub.verdicts(of: [3, 1]) { _ in clock.advance(by: .milliseconds(2500)) }
      #expect(verdicts.map(\.sample) == [1, 3])
      #expect(verdicts.allSatisfy { $0.missing == roster.agents && $0.decision == nil })
    }
  }

  @Test func belowQuorumThereIsNoDecisionAndTheReason() async throws {
    let clock = ManualClock()
    let defense = ToyDefense()
    try await withFusionCenter(configuration(defenses: [defense], quorum: 2), clock: clock) { stub, _ in
      var request = Copur_V1_PredictRequest()
      request.session = "s"
      request.samples.listed = [1]
      try await stub.predict(request) { response in
        for try await message in response.messages {
          if message.hasOpened {
            try await stub.contributing(as: "b") { b in
              b.send([1], width: 1, [1])
              try await b.expect([.accepted])
            }
            // Fewer have spoken than it takes for a clock to start: the round ends because nothing happens.
            clock.advance(by: .milliseconds(2500))
          }
          for verdict in message.verdicts {
            #expect(!verdict.hasDecision)
            #expect(verdict.noDecisionReason == "quorum: at least 2 of 3 blocks (actual: 1)")
            #expect(verdict.agents.map(\.contributed) == [false, true, false])
          }
        }
      }
    }
    #expect(defense.batches.isEmpty)
  }

  @Test func roundsOfManySamplesAreDecidedInBatches() async throws {
    let defense = ToyDefense()
    try await withFusionCenter(configuration(defenses: [defense], batch: 64)) { stub, _ in
      let samples = Array(UInt64(0)..<300)
      _ = try await stub.verdicts(of: samples) { _ in try await everyAgentSends(samples, stub) }
    }
    #expect(defense.batches.reduce(0, +) == 300)
    #expect(defense.batches.allSatisfy { $0 <= 64 } && defense.batches.contains(64))
  }
}

@Suite struct WatchTests {
  @Test(arguments: ["", "s"]) func seesEveryRoundAsItCloses(session: String) async throws {
    try await withFusionCenter(configuration()) { stub, _ in
      var request = Copur_V1_WatchRequest()
      request.session = session
      let seen = try await stub.watch(request) { response in
        var seen: [String] = []
        var isFirst = true
        for try await message in response.messages {
          if isFirst {
            #expect(message.verdicts.isEmpty)
            isFirst = false
            for session in ["other", "s"] { try await everyAgentSends([0], in: session, stub) }
          }
          seen += message.verdicts.map { "\($0.session)/\($0.sample)" }
          if seen.last == "s/0" { break }
        }
        return seen
      }
      #expect(seen == (session.isEmpty ? ["other/0", "s/0"] : ["s/0"]))
    }
  }
}

import Testing

/// A session in which all agents but the last are ours and send their test rows, the last one is foreign, and a foreign
/// client watches.
struct LiveSession: Sendable {
  let target: ForeignAgent.Target
  let rows: Int
  /// The arguments of an agent of ours.
  let agent: @Sendable (String) -> [String]

  struct Answer: Decodable {
    var statuses: [String: Int]
    var watched, asked: [ForeignAgent.Verdict]
    var ended: [Bool]
  }

  func check() async throws {
    let copur = try Programs.copur()
    let ours = target.agents.dropLast()
    let answer = try await ForeignAgent.play(
      "live", against: target, options: ["--rows", "\(rows)"], answer: Answer.self
    ) {
      try await withThrowingTaskGroup(of: (String, FinishedProgram).self) { group in
        for name in ours { group.addTask { (name, try await run(copur, agent(name))) } }
        for try await (name, finished) in group {
          #expect(finished.code == 0, "\(finished.errors)")
          #expect(finished.output == "\(name): \(rows) accepted")
        }
      }
    }
    #expect(answer.statuses == ["ACCEPTED": rows])
    #expect(answer.ended == [true])
    let last = try #require(target.agents.last)
    for verdicts in [answer.watched, answer.asked] {
      #expect(verdicts.map(\.sample).sorted() == (0..<UInt64(rows)).map { $0 })
      #expect(verdicts.allSatisfy { $0.session == "live" && $0.missing == [] && $0.contributed == target.agents })
      #expect(verdicts.allSatisfy { $0.traceparent == nil })
      #expect(verdicts.allSatisfy { $0.residuals.count == target.agents.count && $0.label != nil })
      // It says the same of every sample, far from what any agent would: the purifier knows it by its residual.
      #expect(verdicts.allSatisfy { $0.residuals.max { $0.value < $1.value }?.key == last })
    }
    let labels = { (verdicts: [ForeignAgent.Verdict]) in
      verdicts.sorted { $0.sample < $1.sample }.map(\.label)
    }
    #expect(labels(answer.watched) == labels(answer.asked))
  }
}

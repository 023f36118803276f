import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import Testing

@Suite struct JournalTests {
  @Test func aReceiptLeavesOnlyAfterItsCommit() async throws {
    let journal = HeldJournal()
    try await withFusionCenter(configuration(), journal: journal) { stub, _ in
      _ = try await stub.verdicts(of: [1]) { _ in
        try await stub.contributing(as: "b") { b in
          b.send([1], width: 1, [1])
          var begun = journal.begun.stream.makeAsyncIterator()
          let blocks = await begun.next()
          #expect(blocks == 1)
          // The same again, while the first is not stored yet: its receipt has to wait for the first one's.
          b.send([1], width: 1, [1])
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
              // The service answers others meanwhile, again and again: time enough for a receipt that does not wait.
              for _ in 0..<50 { _ = try await stub.join(join("c", width: 3)) }
              journal.release()
            }
            let receipt = try await b.next()
            #expect(receipt?.status == .accepted)
            #expect(journal.groups.count >= 1, "a receipt before its commit")
            try await group.waitForAll()
          }
          try await b.expect([.duplicate])
        }
        for (agent, width) in [("a", 2), ("c", 3)] {
          try await stub.contributing(as: agent) { stream in
            stream.send([1], width: width, [1])
            try await stream.expect([.accepted])
          }
        }
      }
      // Every block once, in the order of acceptance, and the verdict after them.
      let blocks = journal.groups.flatMap(\.blocks)
      #expect(blocks.map(\.agent.name) == ["b", "a", "c"])
      #expect(blocks.map { Array($0.values) } == [[1], [1, 1], [1, 1, 1]])
      #expect(blocks.map(\.hash) == blocks.map { BlockHash.of($0.values) })
      #expect(journal.groups.flatMap(\.verdicts).map(\.sample) == [1])
      #expect(journal.groups.last?.verdicts.count == 1)
    }
  }

  /// What comes while a commit is under way is committed together.
  @Test func aCommitTakesAllThatHasGathered() async throws {
    let journal = HeldJournal()
    try await withFusionCenter(configuration(), journal: journal) { stub, _ in
      try await stub.contributing(as: "b") { b in
        b.send([0], width: 1, [1])
        var begun = journal.begun.stream.makeAsyncIterator()
        _ = await begun.next()
        for sample in UInt64(1)...100 { b.send([sample], width: 1, [1]) }
        // Refused without a journal row; its receipt keeps its place behind the others.
        b.send([0], width: 1, [2])
        b.finish()
        journal.release()
        var statuses: [Copur_V1_Receipt.Status] = []
        while let outcome = try await b.next() { statuses.append(outcome.status) }
        #expect(statuses == [Copur_V1_Receipt.Status](repeating: .accepted, count: 101) + [.conflict])
      }
      let rows = journal.groups.map(\.blocks.count)
      #expect(rows.first == 1 && rows.reduce(0, +) == 101 && rows.count < 102)
    }
  }

  @Test func afterAFailedCommitNothingIsAcknowledged() async throws {
    let journal = HeldJournal()
    try await withFusionCenter(configuration(), journal: journal) { stub, center in
      let predict = await failure {
        _ = try await stub.verdicts(of: [1]) { _ in
          #expect(center.isReady)
          let contribute = await failure {
            try await stub.contributing(as: "b") { b in
              b.send([1], width: 1, [1])
              var begun = journal.begun.stream.makeAsyncIterator()
              _ = await begun.next()
              journal.release(failing: true)
              let outcome = try await b.next()
              #expect(outcome == nil, "a receipt without a commit")
            }
          }
          #expect(contribute?.code == .unavailable)
          #expect(contribute?.message.contains("journal has failed") == true)
        }
      }
      #expect(predict?.code == .unavailable)
      #expect(!center.isReady)
      let joining = await failure { _ = try await stub.join(join("b", width: 1)) }
      #expect(joining?.code == .unavailable)
      let asking = await failure { _ = try await stub.verdicts(of: [2]) }
      #expect(asking?.code == .unavailable)
      let sending = await failure {
        try await stub.contributing(as: "b") { b in _ = try await b.next() }
      }
      #expect(sending?.code == .unavailable)
    }
    #expect(journal.groups.isEmpty)
  }
}

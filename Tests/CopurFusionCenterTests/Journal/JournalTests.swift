import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import GRPCInProcessTransport
import Synchronization
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
      let contributions = journal.groups.flatMap(\.contributions)
      #expect(contributions.map(\.agent.name) == ["b", "a", "c"])
      #expect(contributions.map(\.samples) == [[1], [1], [1]])
      #expect(contributions.map(\.values) == [[1], [1, 1], [1, 1, 1]])
      #expect(contributions.map(\.hashes) == contributions.map { [BlockHash.of($0.values[...])] })
      #expect(contributions.allSatisfy { $0.defense == "toy" && $0.modelVersion == "m1" && $0.session == "s" })
      #expect(journal.groups.flatMap(\.verdicts).map(\.sample) == [1])
      #expect(journal.groups.last?.verdicts.count == 1)
    }
  }

  /// Groups that come while a commit is under way are committed together.
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
      let rows = journal.groups.map(\.blockCount)
      #expect(rows.first == 1 && rows.reduce(0, +) == 101 && rows.count < 102)
      // However many messages they came in, an agent's blocks of a session are one contribution.
      #expect(journal.groups.allSatisfy { $0.contributions.count == 1 })
      #expect(journal.groups.flatMap { $0.contributions.flatMap(\.samples) } == Array(0...100))
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

  /// Until it is told to stop it goes on, not ready, and then says what happened.
  @Test func afterAFailedCommitItStopsWithAnError() async throws {
    let journal = HeldJournal()
    journal.release(failing: true)
    try await withFailedCenter(journal) { center in
      center.beginDraining()
    }
  }

  /// While it shuts down already, too.
  @Test func aCommitThatFailsInAShutdownIsAnError() async throws {
    let journal = HeldJournal()
    try await withFailedCenter(journal) { center in
      center.beginDraining()
      journal.release(failing: true)
    }
  }

  /// Runs a center with one block on its way; it has to end with the journal's failure.
  private func withFailedCenter(
    _ journal: HeldJournal, _ stop: @escaping @Sendable (FusionCenter) async -> Void
  ) async throws {
    let center = try await FusionCenter(
      configuration: configuration(), journal: journal, clock: ManualClock(), logger: quietLogger)
    let access = AccessControl(identification: .none, logger: quietLogger)
    let transport = InProcessTransport()
    let running = Task { try await center.run() }
    try await withGRPCServer(transport: transport.server, services: [FusionCenterService(center, access: access)]) {
      _ in
      try await withGRPCClient(transport: transport.client) { client in
        _ = await failure {
          try await Stub(wrapping: client).contributing(as: "b") { b in
            b.send([1], width: 1, [1])
            var begun = journal.begun.stream.makeAsyncIterator()
            _ = await begun.next()
            await stop(center)
            _ = try await b.next()
          }
        }
      }
    }
    let error = await #expect(throws: CopurError.self) { try await running.value }
    #expect(error?.code == .io && error?.message.contains("journal has failed") == true)
    #expect(!center.isReady)
  }

  /// Nothing is lost by a full disk: the group is stored once there is room, and its receipts go out then.
  @Test func aFullDiskIsWaitedFor() async throws {
    let journal = FullJournal()
    let clock = ManualClock()
    try await withFusionCenter(configuration(), journal: journal, clock: clock) { stub, center in
      try await stub.contributing(as: "b") { b in
        b.send([1], width: 1, [1])
        while center.isReady { await Task.yield() }
        let joining = await failure { _ = try await stub.join(join("a")) }
        #expect(joining?.code == .unavailable && joining?.message.contains("no room") == true)
        // The stream stays, and what comes on it waits.
        b.send([2], width: 1, [2])
        #expect(journal.stored == 0)
        journal.makeRoom()
        let ticking = Task {
          while journal.stored == 0 {
            clock.advance(by: .milliseconds(100))
            await Task.yield()
          }
        }
        try await b.expect([.accepted, .accepted])
        await ticking.value
        #expect(center.isReady)
      }
    }
    #expect(journal.stored == 2)
  }
}

/// A journal without room until it is made.
private final class FullJournal: Journal {
  private struct NoRoom: Error {}

  private let state = Mutex((isFull: true, stored: 0))

  var isDurable: Bool { true }

  /// The number of blocks that are stored.
  var stored: Int { state.withLock { $0.stored } }

  func makeRoom() { state.withLock { $0.isFull = false } }

  func recover(remembering rounds: Int) -> JournalRecovery { JournalRecovery() }

  func append(_ group: JournalGroup) throws {
    try state.withLock { state in
      if state.isFull { throw JournalFull(cause: NoRoom()) }
      state.stored += group.blockCount
    }
  }
}

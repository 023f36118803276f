import CopurCore
import CopurFusionCenter
import GRPCCore
import Testing

private func verdict(_ sample: UInt64, in session: String = "s") -> Verdict {
  Verdict(
    session: session, sample: sample, modelVersion: "m1", defense: "toy", contributed: [], missing: roster.agents,
    decision: nil)
}

@Suite struct VerdictFeedTests {
  @Test func endsAfterTheLastSampleThatWasAskedFor() async throws {
    let feed = VerdictFeed(session: "s", samples: [1, 2], decided: [verdict(9)], limit: 1)
    feed.deliver([verdict(3), verdict(1, in: "t"), verdict(2)])
    feed.deliver([verdict(2), verdict(1)])
    #expect(try await feed.next()?.joined().map(\.sample) == [9, 2, 1])
    #expect(try await feed.next() == nil)
    // Too late to matter: everything has come.
    feed.close(RPCError(code: .unavailable, message: ""))
    #expect(try await feed.next() == nil)
  }

  @Test func whatIsHereIsGivenBeforeTheError() async throws {
    let feed = VerdictFeed(session: "s", samples: [1, 2], limit: 1)
    feed.deliver([verdict(1)])
    feed.close(RPCError(code: .unavailable, message: "first"))
    feed.close(RPCError(code: .cancelled, message: "second"))
    feed.deliver([verdict(2)])
    #expect(try await feed.next()?.joined().map(\.sample) == [1])
    let error = await #expect(throws: RPCError.self) { try await feed.next() }
    #expect(error?.code == .unavailable)
  }

  @Test func aWatcherThatDoesNotReadIsEnded() async throws {
    let feed = VerdictFeed(session: nil, samples: nil, limit: 3)
    feed.deliver([verdict(1), verdict(1, in: "t"), verdict(2)])
    feed.deliver([verdict(3)])
    feed.deliver([verdict(4)])
    #expect(try await feed.next()?.joined().map(\.sample) == [1, 1, 2, 3])
    let error = await #expect(throws: RPCError.self) { try await feed.next() }
    #expect(error?.code == .resourceExhausted && error?.message.contains("max: 3") == true)
  }
}

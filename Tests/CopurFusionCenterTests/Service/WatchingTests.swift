import CopurCore
import CopurFusionCenter
import CopurWire
import Testing

struct WatchingTests {
  @Test("A watcher in the process sees each round and how long it took, and which agents have a stream open")
  func rounds() async throws {
    let clock = ManualClock()
    try await withFusionCenter(configuration(), clock: clock) { stub, center in
      let feed = center.watchedRounds()
      #expect(center.status == FusionCenterStatus(phase: .serving, streams: [0, 0, 0], openRounds: 0))
      try await stub.contributing(as: "a") { stream in
        stream.send([0], width: 2, [1])
        try await stream.expect([.accepted])
        #expect(center.status.streams == [1, 0, 0] && center.status.openRounds == 1)
        clock.advance(by: .milliseconds(250))
        var rounds: [DecidedRound] = []
        while rounds.isEmpty {
          rounds = feed.taken().rounds
          await Task.yield()
        }
        #expect(rounds.map(\.verdict.sample) == [0] && rounds.map(\.latency) == [.milliseconds(250)])
      }
      center.unwatched(feed)
    }
  }

  @Test("Who looks too seldom loses the oldest rounds, and is told how many")
  func lost() throws {
    let feed = RoundFeed(limit: 3)
    feed.deliver(
      (0..<5).map { sample in
        DecidedRound(
          verdict: Verdict(
            session: "s", sample: sample, modelVersion: "m", defense: "d", contributed: [], missing: [], decision: nil),
          latency: nil)
      })
    let taken = feed.taken()
    #expect(taken.lost == 2 && taken.rounds.map(\.verdict.sample) == [2, 3, 4])
    #expect(feed.taken().lost == 0 && feed.taken().rounds.isEmpty)
  }
}

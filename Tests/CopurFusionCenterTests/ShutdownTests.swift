import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import ServiceLifecycle
import Testing

@Suite struct ShutdownTests {
  @Test func finishesOpenRoundsAndTellsThemBeforeItEnds() async throws {
    let clock = ManualClock()
    try await withFusionCenter(configuration(), clock: clock) { stub, center in
      let predict = await failure {
        var request = Copur_V1_PredictRequest()
        request.session = "s"
        request.samples = Copur_V1_Samples([1, 2])
        try await stub.predict(request) { response in
          var seen: [UInt64] = []
          do {
            for try await message in response.messages {
              if message.hasOpened {
                let contribute = await failure {
                  try await stub.contributing(as: "b") { b in
                    b.send([1], width: 1, [1])
                    try await b.expect([.accepted])
                    center.beginDraining()
                    #expect(!center.isReady)
                    // A new round has no receipt any more; a block of an open one is still taken.
                    b.send([1, 2], width: 1, [1, 1])
                    try await b.expect([.duplicate])
                    let refusal = await failure { _ = try await stub.join(join("a")) }
                    #expect(refusal?.code == .unavailable)
                    clock.advance(by: .milliseconds(250))
                    _ = try await b.next()
                  }
                }
                #expect(contribute?.code == .unavailable)
              }
              seen += message.verdicts.map(\.sample)
            }
          } catch {
            #expect(seen == [1])
            throw error
          }
        }
      }
      // Sample 2 will have no verdict.
      #expect(predict?.code == .unavailable)
    }
  }

  /// As `copur serve` runs it: the service group tells it to stop.
  @Test func aServiceGroupStopsIt() async throws {
    let center = try await FusionCenter(
      configuration: configuration(), journal: MemoryJournal(), clock: ManualClock(), logger: quietLogger)
    let group = ServiceGroup(services: [center], logger: quietLogger)
    async let running: Void = group.run()
    while !center.isReady { await Task.yield() }
    await group.triggerGracefulShutdown()
    try await running
    #expect(!center.isReady)
  }

  @Test func runReturnsWhenNothingIsInFlight() async throws {
    let center = try await FusionCenter(
      configuration: configuration(), journal: MemoryJournal(), clock: ManualClock(), logger: quietLogger)
    center.beginDraining()
    try await center.run()
    #expect(!center.isReady)
  }
}

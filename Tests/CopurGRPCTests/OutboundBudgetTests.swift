import CopurGRPC
import CopurHTTP2
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutboundBudgetTests {
  @Test("Calls share the budget evenly, none has more than keeps a connection busy")
  func shares() {
    let budget = OutboundBudget(bytes: 1 << 20)
    #expect(budget.share == OutboundBudget.largestShare)
    for _ in 0..<4 { budget.callBegan() }
    #expect(budget.share == 128 << 10)
    for _ in 4..<100 { budget.callBegan() }
    #expect(budget.share == (1 << 20) / 200)
    for _ in 2..<100 { budget.callEnded() }
    #expect(budget.share == 256 << 10)

    let none = OutboundBudget(bytes: 0)
    none.callBegan()
    #expect(none.share == 1)
  }

  /// A hundred calls that nobody read from once held 25 MiB.
  @Test("What calls have waiting for a client that does not read is bounded for its connection")
  func unreadResponses() async throws {
    let calls = 50
    let service = EchoService()
    var clientConfiguration = HTTP2TransportConfiguration()
    clientConfiguration.http2.streamWindow = 0
    try await withEcho(.plaintext, service: service, clientConfiguration: clientConfiguration) { client, _ in
      try await withThrowingTaskGroup { group in
        for _ in 0..<calls {
          group.addTask {
            try await client.serverStreaming(
              request: ClientRequest(message: [UInt8]()), descriptor: Echo.pour, serializer: RawSerializer(),
              deserializer: RawDeserializer(), options: .defaults
            ) { _ in try await Task.sleep(for: .seconds(3600)) }
          }
        }
        var (before, idle) = (0, 0)
        while idle < 20 {
          try await Task.sleep(for: .milliseconds(10))
          idle = service.poured.value == before && before >= calls ? idle + 1 : 0
          before = service.poured.value
        }
        // Calls that came while there were fewer have more: 1 + 1/2 + … + 1/50 of the budget of 1 MiB; and each one has a
        // message beyond its share in both places.
        #expect((calls...(4608 + 2 * calls)).contains(before), "\(before) KiB")
        group.cancelAll()
        while let result = await group.nextResult() {
          #expect(throws: (any Error).self) { try result.get() }
        }
      }
    }
  }
}

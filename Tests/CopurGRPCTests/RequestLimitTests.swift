import CopurGRPC
import CopurHTTP2
import GRPCCore
import Testing

/// A client gains nothing by breaking its calls off or by sending another number of messages.
@Suite(.timeLimit(.minutes(1)))
struct RequestLimitTests {
  @Test("A stream that is reset keeps its slot until its handler has ended")
  func abandonedWork() async throws {
    let service = EchoService()
    var configuration = HTTP2TransportConfiguration()
    configuration.http2.maximumConcurrentStreams = 2
    try await withEcho(.plaintext, service: service, configuration: configuration) { client, server in
      let calls = (0..<2).map { _ in
        Task {
          try await client.bidirectionalStreaming(
            request: StreamingClientRequest { try await $0.write([9] as [UInt8]) }, descriptor: Echo.hold,
            serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
          ) { response in try await response.messages.reduce(0) { $0 + $1.count } }
        }
      }
      // As many handlers as there are slots, which do not end when they are cancelled.
      while service.holding.value < 2 { try await Task.sleep(for: .milliseconds(2)) }
      for call in calls {
        call.cancel()
        await #expect(throws: RPCError.self) { try await call.value }
      }
      let refused = await #expect(throws: RPCError.self) { try await client.call(Echo.get, [1]) }
      #expect(refused?.code == .unavailable)
      #expect(server.transport.refusals.count(of: .unfinishedWork) == 1)

      service.release.fire()
      var echoed: [UInt8]?
      while echoed == nil { echoed = try? await client.call(Echo.get, [2]) }
      #expect(echoed == [2])
    }
  }

  @Test("Metadata beyond the limit is answered, and costs its call only", arguments: [100, 20_000])
  func metadata(_ bytes: Int) async throws {
    try await withEcho(.plaintext) { client, server in
      let metadata: Metadata = ["x-large": .string(String(repeating: "v", count: bytes))]
      let request = ClientRequest(message: [1] as [UInt8], metadata: metadata)
      func call() async throws -> [UInt8] {
        try await client.unary(
          request: request, descriptor: Echo.get, serializer: RawSerializer(), deserializer: RawDeserializer(),
          options: .defaults
        ) { try $0.message }
      }
      if bytes < 1000 {
        let echoed = try await call()
        #expect(echoed == [1])
      } else {
        let error = await #expect(throws: RPCError.self) { try await call() }
        #expect(error?.code == .resourceExhausted)
        #expect(
          error?.message == "metadata has at most 100 fields and 16384 bytes, 32 for each field among them",
          "\(String(describing: error))")
        #expect(server.transport.refusals.count(of: .headerList) == 1)
      }
      let echoed = try await client.call(Echo.get, [2])
      #expect(echoed == [2])
    }
  }

  @Test("A unary method takes exactly one message", arguments: [0, 2])
  func cardinality(_ count: Int) async throws {
    try await withEcho(.plaintext) { client, _ in
      let streaming = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "Get", type: .clientStreaming)
      let error = await #expect(throws: RPCError.self) {
        try await client.clientStreaming(
          request: StreamingClientRequest { writer in
            for _ in 0..<count { try await writer.write([1] as [UInt8]) }
          },
          descriptor: streaming, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
        ) { try $0.message }
      }
      #expect(error?.code == .unimplemented)
      let echoed = try await client.call(Echo.get, [1])
      #expect(echoed == [1])
    }
  }
}

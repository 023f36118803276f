import CopurGRPC
import GRPCCore
import Testing

/// Calls that do not end well.
@Suite(.timeLimit(.minutes(1)))
struct StatusTests {
  @Test("Every status reaches the client with message and metadata", arguments: 1...16)
  func statuses(_ code: Int) async throws {
    try await withEcho(.plaintext) { client, _ in
      let error = await #expect(throws: RPCError.self) { try await client.call(Echo.fail, [UInt8(code)]) }
      #expect(error?.code.rawValue == code)
      #expect(error?.message == "100 % wrong: äöü\n")
      #expect(error.map { Array($0.metadata[stringValues: "why"]) } == ["asked"])
    }
  }

  @Test("A method that nobody serves is UNIMPLEMENTED")
  func unknownMethod() async throws {
    try await withEcho(.plaintext) { client, _ in
      let error = await #expect(throws: RPCError.self) { try await client.call(Echo.unknown, []) }
      #expect(error?.code == .unimplemented)
    }
  }

  @Test("A call whose deadline passes fails with DEADLINE_EXCEEDED")
  func deadline() async throws {
    try await withEcho(.mutualTLS) { client, _ in
      var options = CallOptions.defaults
      options.timeout = .milliseconds(50)
      let error = await #expect(throws: RPCError.self) { try await client.call(Echo.wait, [], options: options) }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test("The server enforces a deadline that the client does not, and tells the handler")
  func serverDeadline() async throws {
    let service = EchoService()
    try await withEcho(.plaintext, service: service) { client, _ in
      // As metadata, GRPCCore's client does not see it. Eight digits are more than GRPCCore's server reads.
      let request = ClientRequest(message: [] as [UInt8], metadata: ["grpc-timeout": "00050000u"])
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(
          request: request, descriptor: Echo.wait, serializer: RawSerializer(), deserializer: RawDeserializer(),
          options: .defaults
        ) { try $0.message }
      }
      #expect(error?.code == .deadlineExceeded)
      #expect(error?.message == "the deadline has passed")
      await service.waitCancelled.wait()
    }
  }

  @Test(
    "A deadline that is not one is refused and does not trap",
    arguments: ["-5S", "+5S", "5", "S", "", "123456789S", "5s", "5 S", "٣S"])
  func malformedDeadline(_ timeout: String) async throws {
    try await withEcho(.plaintext) { client, _ in
      let request = ClientRequest(message: [] as [UInt8], metadata: ["grpc-timeout": "\(timeout)"])
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(
          request: request, descriptor: Echo.get, serializer: RawSerializer(), deserializer: RawDeserializer(),
          options: .defaults
        ) { try $0.message }
      }
      #expect([.internalError, .invalidArgument].contains(error?.code))
      #expect(error?.message.contains("\"\(timeout)\"") == true)
    }
  }

  @Test("A cancelled call tells its handler, and the connection goes on")
  func cancellation() async throws {
    let service = EchoService()
    try await withEcho(.mutualTLS, service: service) { client, _ in
      let call = Task { try await client.call(Echo.wait, []) }
      await service.waitBegan.wait()
      call.cancel()
      let error = await #expect(throws: RPCError.self) { try await call.value }
      #expect(error?.code == .cancelled)
      await service.waitCancelled.wait()
      let echoed = try await client.call(Echo.get, [1])
      #expect(echoed == [1])
    }
  }

  @Test("A request that is too long is RESOURCE_EXHAUSTED, one that just fits is not")
  func requestLimit() async throws {
    var configuration = HTTP2TransportConfiguration()
    configuration.maximumMessageBytes = 1000
    try await withEcho(.plaintext, configuration: configuration) { client, _ in
      let echoed = try await client.call(Echo.get, Array(repeating: 1, count: 1000))
      #expect(echoed.count == 1000)
      let error = await #expect(throws: RPCError.self) {
        try await client.call(Echo.get, Array(repeating: 1, count: 1001))
      }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.message == "a message is too long (max: 1000, actual: 1001)")
    }
  }

  @Test("The default limit is 4 MiB")
  func defaultLimit() async throws {
    try await withEcho(.plaintext) { client, _ in
      let error = await #expect(throws: RPCError.self) {
        try await client.call(Echo.get, Array(repeating: 1, count: 4 << 20 + 1))
      }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("A response that is too long is RESOURCE_EXHAUSTED at the client")
  func responseLimit() async throws {
    var configuration = HTTP2TransportConfiguration()
    configuration.maximumMessageBytes = 1000
    try await withEcho(.plaintext, clientConfiguration: configuration) { client, _ in
      let error = await #expect(throws: RPCError.self) {
        try await client.call(Echo.get, Array(repeating: 1, count: 1001))
      }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("Metadata that cannot be sent is refused before it is sent", arguments: ["näme", "na me", ""])
  func invalidMetadata(_ name: String) async throws {
    try await withEcho(.plaintext) { client, _ in
      let request = ClientRequest(message: [] as [UInt8], metadata: [name: "value"])
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(
          request: request, descriptor: Echo.get, serializer: RawSerializer(), deserializer: RawDeserializer(),
          options: .defaults
        ) { try $0.message }
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains("\"\(name)\"") == true)
    }
  }
}

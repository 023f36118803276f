import CopurGRPC
import CopurTLS
import GRPCCore
import Testing

/// Our client with our server over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct HTTP2TransportTests {
  @Test("A unary call carries message, metadata and trailers", arguments: Security.allCases)
  func unary(_ security: Security) async throws {
    try await withEcho(security) { client, _ in
      let request = ClientRequest(
        message: [1, 2, 3] as [UInt8], metadata: ["x-word": "value", "x-data-bin": .binary([0, 255])])
      try await client.unary(
        request: request, descriptor: Echo.get, serializer: RawSerializer(), deserializer: RawDeserializer(),
        options: .defaults
      ) { response in
        let message = try response.message
        #expect(message == [1, 2, 3])
        #expect(Array(response.metadata[stringValues: "echo-header"]) == ["yes"])
        #expect(Array(response.trailingMetadata[stringValues: "x-word"]) == ["value"])
        #expect(Array(response.trailingMetadata[binaryValues: "x-data-bin"]) == [[0, 255]])
      }
    }
  }

  @Test("A server streams", arguments: Security.allCases)
  func serverStreaming(_ security: Security) async throws {
    try await withEcho(security) { client, _ in
      let bytes = try await client.serverStreaming(
        request: ClientRequest(message: Array(0...255) as [UInt8]), descriptor: Echo.expand,
        serializer: RawSerializer(),
        deserializer: RawDeserializer(), options: .defaults
      ) { response in
        try await response.messages.reduce(into: []) { $0 += $1 }
      }
      #expect(bytes == Array(UInt8.min...UInt8.max))
    }
  }

  @Test("10,000 small messages go both ways at once", arguments: Security.allCases)
  func bidirectional(_ security: Security) async throws {
    try await withEcho(security) { client, _ in
      let received = try await client.bidirectionalStreaming(
        request: StreamingClientRequest { writer in
          for index in 0..<10_000 { try await writer.write(Array("message \(index)".utf8)) }
        },
        descriptor: Echo.update, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
      ) { response in
        try await response.messages.reduce(into: []) { $0.append(String(decoding: $1, as: UTF8.self)) }
      }
      #expect(received == (0..<10_000).map { "message \($0)" })
    }
  }

  @Test("A message of 3 MiB goes both ways", arguments: Security.allCases)
  func largeMessage(_ security: Security) async throws {
    let message = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await withEcho(security) { client, _ in
      let echoed = try await client.call(Echo.get, message)
      #expect(echoed == message)
    }
  }
}

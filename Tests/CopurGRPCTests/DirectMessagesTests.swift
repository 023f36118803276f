import CopurGRPC
import GRPCCore
import Synchronization
import Testing

/// Messages that are handled where they arrive.
@Suite(.timeLimit(.minutes(1)))
struct DirectMessagesTests {
  @Test("Messages that a handler takes are answered by it, all others by the call's task", arguments: Security.allCases)
  func handled(_ security: Security) async throws {
    let taken = Mutex<[[UInt8]]>([])
    let listens = Signal()
    try await withEcho(security) { client, _ in
      let others = try await client.bidirectionalStreaming(
        request: StreamingClientRequest { writer in
          await listens.wait()
          for index in UInt8.min..<200 { try await writer.write([index % 2, index, 9]) }
        },
        descriptor: Echo.turn, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
      ) { response in
        DirectMessages.current?.handle { message in
          guard message.first == 9 else { return false }
          taken.withLock { $0.append(message) }
          return true
        }
        var others: [[UInt8]] = []
        for try await message in response.messages {
          if message.isEmpty { listens.fire() } else { others.append(message) }
        }
        return others
      }
      #expect(others == (UInt8.min..<200).filter { $0 % 2 == 0 }.map { [0, $0, 9] })
    }
    #expect(taken.withLock { $0 } == (UInt8.min..<200).filter { $0 % 2 == 1 }.map { [9, $0, 1] })
  }

  @Test("A handler that ends its call is the reason that the call's task gets")
  func ended() async throws {
    try await withEcho(.plaintext) { client, _ in
      let (listens, over) = (Signal(), Signal())
      let error = await #expect(throws: RPCError.self) {
        try await client.bidirectionalStreaming(
          request: StreamingClientRequest<[UInt8]> { writer in
            await listens.wait()
            try await writer.write([1, 9])
            await over.wait()
          },
          descriptor: Echo.turn, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
        ) { response in
          defer { over.fire() }
          let direct = DirectMessages.current
          direct?.handle { message in
            guard message == [9, 1] else { return false }
            direct?.end("enough")
            return true
          }
          for try await _ in response.messages { listens.fire() }
        }
      }
      #expect(error?.code == .aborted && error?.message == "enough")
    }
  }
}

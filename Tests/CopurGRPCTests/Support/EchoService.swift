import CopurGRPC
import CopurTLS
import GRPCCore

struct RawSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
}

struct RawDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

enum Echo {
  static let get = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Get", type: .unary)
  static let expand = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Expand", type: .serverStreaming)
  static let update = MethodDescriptor(
    fullyQualifiedService: "test.Echo", method: "Update", type: .bidirectionalStreaming)
  /// Answers with the client's names, one a message, and its address in the metadata.
  static let whoAmI = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "WhoAmI", type: .unary)
  /// Fails with the status whose number the message's first byte is.
  static let fail = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Fail", type: .unary)
  /// Waits until it is cancelled.
  static let wait = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Wait", type: .unary)
  /// Sends the metadata, then waits until it is released, then echoes.
  static let hold = MethodDescriptor(
    fullyQualifiedService: "test.Echo", method: "Hold", type: .bidirectionalStreaming)
  /// Sends a KiB again and again until it is cancelled.
  static let pour = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Pour", type: .serverStreaming)
  /// Sends an empty message as soon as it listens. Turns messages that begin with 1 around where they arrive, and echoes others.
  static let turn = MethodDescriptor(
    fullyQualifiedService: "test.Echo", method: "Turn", type: .bidirectionalStreaming)
  static let unknown = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Nothing", type: .unary)
}

/// Echoes bytes in all the ways that gRPC has.
struct EchoService: RegistrableRPCService {
  /// Tells when `Wait` has begun and was cancelled, and lets `Hold` go on.
  var waitBegan = Signal()
  var waitCancelled = Signal()
  var holdBegan = Signal()
  let holding = Counter()
  var release = Signal()
  /// The number of messages that `Pour` has sent.
  let poured = Counter()

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    register(Echo.get, with: &router) { request, _ in
      let metadata = request.metadata
      return StreamingServerResponse(metadata: ["echo-header": "yes"]) { writer in
        for try await message in request.messages { try await writer.write(message) }
        return Metadata(metadata.filter { $0.key.hasPrefix("x-") })
      }
    }
    register(Echo.expand, with: &router) { request, _ in
      StreamingServerResponse(metadata: [:]) { writer in
        for try await message in request.messages {
          for byte in message { try await writer.write([byte]) }
        }
        return [:]
      }
    }
    register(Echo.update, with: &router) { request, _ in
      StreamingServerResponse(metadata: [:]) { writer in
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
    register(Echo.whoAmI, with: &router) { _, context in
      let identity = context.transportSpecific as? PeerIdentity
      let peer = context.remotePeer
      return StreamingServerResponse(metadata: ["peer": "\(peer)"]) { writer in
        let certificate = identity?.certificate
        let names = certificate.map { $0.uris + $0.dnsNames + [$0.commonName ?? ""] } ?? []
        try await writer.write(Array(names.joined(separator: ",").utf8))
        return [:]
      }
    }
    register(Echo.fail, with: &router) { request, _ in
      var code = 0
      for try await message in request.messages { code = Int(message.first ?? 0) }
      let status = Status.Code(rawValue: code).flatMap { RPCError.Code($0) } ?? .unknown
      throw RPCError(code: status, message: "100 % wrong: äöü\n", metadata: ["why": "asked"])
    }
    register(Echo.wait, with: &router) { [waitBegan, waitCancelled] _, context in
      waitBegan.fire()
      try await context.cancellation.cancelled
      waitCancelled.fire()
      throw RPCError(code: .cancelled, message: "cancelled")
    }
    register(Echo.pour, with: &router) { [poured] _, _ in
      StreamingServerResponse(metadata: [:]) { writer in
        while true {
          try await writer.write([UInt8](repeating: 7, count: 1 << 10))
          poured.increment()
        }
      }
    }
    register(Echo.turn, with: &router) { request, _ in
      StreamingServerResponse(metadata: [:]) { writer in
        let direct = DirectMessages.current
        direct?.handle { message in
          guard message.first == 1 else { return false }
          try? direct?.send(message.reversed())
          return true
        }
        try await writer.write([])
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
    register(Echo.hold, with: &router) { [holdBegan, holding, release] request, _ in
      StreamingServerResponse(metadata: [:]) { writer in
        holdBegan.fire()
        holding.increment()
        await release.wait()
        for try await message in request.messages { try await writer.write(message) }
        return [:]
      }
    }
  }

  private func register<Transport: ServerTransport>(
    _ method: MethodDescriptor,
    with router: inout RPCRouter<Transport>,
    _ handler:
      @escaping @Sendable (StreamingServerRequest<[UInt8]>, ServerContext) async throws
      -> StreamingServerResponse<[UInt8]>
  ) {
    router.registerHandler(
      forMethod: method, deserializer: RawDeserializer(), serializer: RawSerializer(), handler: handler)
  }
}

/// Something that happens once and can be waited for.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func fire() { continuation.finish() }

  func wait() async { for await _ in stream {} }
}

internal import CopurHTTP2
internal import GRPCCore

/// The writer of a call's request.
struct ClientWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCRequestPart<[UInt8]>

  let requestHead: [HTTP2Header]
  let call: ClientCall.Queues

  func write(_ element: Element) async throws {
    switch element {
    case .metadata(let metadata):
      try call.outbound.write(head: requestHead + metadata.headers())
    case .message(let message):
      try await call.outbound.write(messages: CollectionOfOne(message))
    }
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    var messages: [[UInt8]] = []
    for element in elements {
      switch element {
      case .metadata: try await write(element)
      case .message(let message): messages.append(message)
      }
    }
    if !messages.isEmpty { try await call.outbound.write(messages: messages) }
  }

  func finish() async {
    // Throws if the call is over, by a status that came early for example.
    try? call.outbound.write(end: .data)
  }

  func finish(throwing error: any Error) async {
    call.end((error as? RPCError) ?? RPCError(code: .unknown, message: "writing the request failed", cause: error))
  }
}

internal import CopurHTTP2
internal import GRPCCore

/// The writer of a handler's response.
struct ServerWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCResponsePart<[UInt8]>

  let call: AcceptedCall

  func write(_ element: Element) async throws {
    switch element {
    case .metadata(let metadata):
      try call.outbound.write(head: ServerCall.responseHead + metadata.headers())
    case .message(let message):
      try await call.outbound.write(messages: CollectionOfOne(message))
    case .status(let status, let metadata):
      try call.outbound.write(end: .trailers(ServerCall.trailers(status) + metadata.headers()))
    }
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    var messages: [[UInt8]] = []
    for element in elements {
      if case .message(let message) = element {
        messages.append(message)
      } else {
        try await flush(&messages)
        try await write(element)
      }
    }
    try await flush(&messages)
  }

  private func flush(_ messages: inout [[UInt8]]) async throws {
    guard !messages.isEmpty else { return }
    try await call.outbound.write(messages: messages)
    messages.removeAll()
  }

  func finish() async {
    // After a status this throws, and all is well; without one, the client has to learn that none will come.
    do {
      try call.outbound.write(end: .data)
      call.abort()
    } catch {}
  }

  func finish(throwing error: any Error) async {
    call.abort()
  }
}

internal import CopurHTTP2
internal import GRPCCore
internal import NIOCore

/// A call on the client, as its connection's event loop sees it.
final class ClientCall {
  /// The queues that the call shares with the task that makes it.
  struct Queues: Sendable {
    var inbound: InboundQueue<RPCResponsePart<[UInt8]>>
    var outbound: OutboundQueue
    var direct: DirectMessages
    /// Ends the call if it is not over.
    var end: @Sendable (RPCError) -> Void
  }

  private let connection: ClientConnection
  private var deframer: GRPCMessageDeframer
  /// Let go when the call is over, as they in turn hold the call.
  private var queues: Queues?
  private var stream: HTTP2Stream?
  private var hasResponseHead = false
  private var hasStatus = false
  private var withheld = 0

  private init(connection: ClientConnection, queues: Queues, maximumMessageBytes: Int) {
    self.connection = connection
    self.queues = queues
    self.deframer = GRPCMessageDeframer(maximumMessageBytes: maximumMessageBytes)
  }

  /// Prepares a call; nothing is sent before its headers are written.
  ///
  /// - Parameters:
  ///   - connection: The connection that carries it.
  ///   - isStreaming: Whether the request is a stream of messages and not one.
  ///   - maximumRequestBytes: How long a request message may be.
  ///   - maximumResponseBytes: How long a response message may be.
  static func make(
    on connection: ClientConnection,
    isStreaming: Bool,
    maximumRequestBytes: Int,
    maximumResponseBytes: Int
  ) -> Queues {
    let eventLoop = connection.channel.eventLoop
    let call = NIOLoopBoundBox.makeEmptyBox(valueType: ClientCall.self, eventLoop: eventLoop)
    let end: @Sendable (RPCError) -> Void = { error in
      eventLoop.execute {
        call.value?.fail(error)
        call.value = nil
      }
    }
    let outbound = OutboundQueue(
      maximumMessageBytes: maximumRequestBytes,
      budget: connection.budget,
      isStreaming: isStreaming,
      wake: { eventLoop.run { call.value?.outboundReady() } })
    let queues = Queues(
      inbound: InboundQueue(release: { eventLoop.execute { call.value?.releaseWindow() } }),
      outbound: outbound,
      direct: DirectMessages(outbound: outbound, abort: end),
      end: end)
    // Runs before whatever the queues bring about.
    eventLoop.run {
      call.value = ClientCall(connection: connection, queues: queues, maximumMessageBytes: maximumResponseBytes)
    }
    return queues
  }

  private func releaseWindow() {
    stream?.consume(withheld)
    withheld = 0
  }

  private func outboundReady() {
    guard let queues else { return }
    if let stream { return stream.resume() }
    guard case .headers(let headers) = queues.outbound.takeHead() else {
      return fail(RPCError(code: .internalError, message: "a call has to begin with metadata"))
    }
    do {
      stream = try connection.openStream(headers, delegate: self)
    } catch {
      let isOurs = error.code == .invalidHeader
      fail(isOurs ? RPCError(code: .invalidArgument, message: error.message) : RPCError(connectionLost: error))
    }
  }

  /// Ends the call with a status that the server has not sent.
  private func fail(_ error: RPCError) {
    guard let queues else { return }
    self.queues = nil
    queues.direct.callEnded()
    queues.inbound.finish(throwing: error)
    queues.outbound.close(error)
    stream?.reset(.cancel)
  }

  private func receivedStatus(_ status: Status, _ metadata: Metadata) {
    hasStatus = true
    queues?.inbound.push([.status(status, metadata)], bytes: 0)
    queues?.inbound.finish()
  }
}

extension ClientCall: HTTP2StreamDelegate {
  func received(headers: [HTTP2Header], on stream: HTTP2Stream) {
    guard let queues, !hasStatus else { return }
    guard !hasResponseHead else {
      do throws(RPCError) {
        let (status, metadata) = ResponseHead.trailers(headers)
        if status.code == .ok { try deframer.finish() }
        receivedStatus(status, metadata)
      } catch {
        fail(error)
      }
      return
    }
    switch ResponseHead(headers) {
    case .interim:
      break
    case .metadata(let metadata):
      hasResponseHead = true
      queues.inbound.push([.metadata(metadata)], bytes: 0)
    case .status(let status, let metadata):
      hasResponseHead = true
      receivedStatus(status, metadata)
    }
  }

  func received(data: UnsafeRawBufferPointer, on stream: HTTP2Stream) {
    guard let queues, !hasStatus else { return stream.consume(data.count) }
    guard hasResponseHead else {
      return fail(RPCError(code: .internalError, message: "a response has to begin with headers"))
    }
    var messages: [[UInt8]] = []
    var failure: RPCError?
    do throws(RPCError) {
      try deframer.feed(data, into: &messages)
    } catch {
      failure = error
    }
    if !messages.isEmpty { queues.direct.take(from: &messages) }
    if !messages.isEmpty { queues.inbound.push(messages) { .message($0) } }
    if let failure { return fail(failure) }
    if queues.inbound.isHolding { withheld += data.count } else { stream.consume(data.count) }
  }

  func receivedEnd(on stream: HTTP2Stream) {
    guard !hasStatus else { return }
    fail(RPCError(code: .unknown, message: "the response ended without a status"))
  }

  func nextOutbound(on stream: HTTP2Stream) -> HTTP2Outbound {
    queues?.outbound.takeData() ?? .later
  }

  func closed(_ code: HTTP2ErrorCode, error: (any Error)?) {
    if hasStatus {
      fail(RPCError(code: .cancelled, message: "the call is over"))
    } else if let error {
      fail(RPCError(connectionLost: error))
    } else {
      fail(RPCError(reset: code))
    }
  }
}

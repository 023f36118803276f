internal import CopurHTTP2
internal import CopurTLS
internal import GRPCCore
internal import NIOCore

/// A call on the server, as its connection's event loop sees it.
final class ServerCall {
  private let connection: ServerConnection
  private let context: ServerConnection.Context
  private let stream: HTTP2Stream
  private var deframer: GRPCMessageDeframer
  private var accepted: AcceptedCall?
  private var deadline: Scheduled<Void>?
  /// The number of messages that have come; a unary request has exactly one.
  private var messageCount = 0
  private var hasResponded = false
  private var hasEnded = false
  /// Whether the request cannot be understood any more.
  private var hasFailed = false
  private var withheld = 0
  /// The number of bytes of a message that has not ended that are counted for the peer.
  private var incomplete = 0
  private var peer: PeerCertificate?

  init(
    _ stream: HTTP2Stream, connection: ServerConnection, context: ServerConnection.Context, peer: PeerCertificate?
  ) {
    self.stream = stream
    self.connection = connection
    self.context = context
    self.peer = peer
    self.deframer = GRPCMessageDeframer(maximumMessageBytes: context.configuration.maximumMessageBytes)
  }

  private func accept(_ path: RequestHead.Path, _ metadata: Metadata, timeout: Duration?) {
    let descriptor =
      context.methods[path] ?? MethodDescriptor(fullyQualifiedService: path.service, method: path.method)
    let eventLoop = context.channel.eventLoop
    let call = NIOLoopBound(self, eventLoop: eventLoop)
    let outbound = OutboundQueue(
      maximumMessageBytes: .max,
      budget: connection.budget,
      isStreaming: descriptor.type?.isResponseStreaming ?? true,
      wake: { eventLoop.run { call.value.outboundReady() } })
    let accepted = AcceptedCall(
      descriptor: descriptor,
      inbound: InboundQueue(release: { eventLoop.execute { call.value.releaseWindow() } }),
      outbound: outbound,
      direct: DirectMessages(
        outbound: outbound, abort: { error in eventLoop.execute { call.value.terminate(error) } }),
      remotePeer: context.remotePeer,
      localPeer: context.localPeer,
      identity: PeerIdentity(certificate: peer, traffic: connection.traffic),
      abort: { eventLoop.execute { call.value.stream.reset(.internalError) } },
      abandonedWorkEnded: { eventLoop.execute { call.value.connection.abandonedWorkEnded() } },
      executor: context.executor)
    self.accepted = accepted
    accepted.inbound.push([.metadata(metadata)], bytes: 0)
    if let limit = timeout.flatMap(TimeAmount.init(deadline:)) {
      deadline = eventLoop.assumeIsolated().scheduleTask(in: limit) { self.deadlinePassed() }
    }
    context.accept(accepted)
  }

  private func deadlinePassed() {
    terminate(RPCError(code: .deadlineExceeded, message: "the deadline has passed"))
  }

  /// Ends the call with a status that the handler has not chosen.
  private func terminate(_ error: RPCError) {
    guard let accepted, !stream.isClosed else { return }
    hasFailed = true
    dropIncomplete()
    accepted.inbound.finish(throwing: error)
    let status = Status(code: Status.Code(error.code), message: error.message)
    accepted.outbound.close(error, end: .trailers(ServerCall.trailers(status)))
    accepted.cancellation.cancel()
    if stream.hasUnsentData {
      // Trailers would wait behind data that the client does not take.
      stream.reset(.cancel)
    } else {
      outboundReady()
    }
  }

  private func releaseWindow() {
    stream.consume(withheld)
    withheld = 0
  }

  private func outboundReady() {
    guard let accepted, !stream.isClosed else { return }
    guard !hasResponded else { return stream.resume() }
    do {
      switch accepted.outbound.takeHead() {
      case .none:
        return
      case .headers(let headers):
        hasResponded = true
        try stream.respond(headers, endStream: false)
      case .endOnly(.data):
        hasResponded = true
        stream.reset(.internalError)
      case .endOnly(.trailers(let trailers)):
        hasResponded = true
        hasEnded = true
        // "Trailers-Only": one block of headers is all.
        try stream.respond(Self.responseHead + trailers, endStream: true)
      }
    } catch {
      stream.reset(.internalError)
    }
  }

  /// "Request cardinality violation" of gRPC's status codes.
  private static func wrongCardinality(_ actual: Int) -> RPCError {
    RPCError(code: .unimplemented, message: "the method takes exactly one message (actual: \(actual))")
  }

  /// The headers that every response begins with.
  static let responseHead = [HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc")]

  /// The trailers that carry a status.
  static func trailers(_ status: Status) -> [HTTP2Header] {
    var trailers = [HTTP2Header("grpc-status", "\(status.code.rawValue)")]
    if !status.message.isEmpty {
      trailers.append(HTTP2Header("grpc-message", GRPCStatusMessage.encode(status.message)))
    }
    return trailers
  }
}

extension ServerCall: HTTP2StreamDelegate {
  func received(headers: [HTTP2Header], on stream: HTTP2Stream) {
    // A second block is trailers, which gRPC requests do not have: nothing in them is used.
    guard accepted == nil, !hasResponded else { return }
    switch RequestHead(headers) {
    case .call(let path, let metadata, let timeout):
      accept(path, metadata, timeout: timeout)
    case .notGRPC(let status):
      stream.toleratesLateRequest = true
      refuse([HTTP2Header(":status", "\(status)")])
    case .rejected(let status):
      var headers = Self.responseHead + Self.trailers(status)
      if status.code == .unimplemented { headers.append(HTTP2Header("grpc-accept-encoding", "identity")) }
      refuse(headers)
    }
  }

  func headersTooLarge(on stream: HTTP2Stream) {
    let limits = context.configuration.http2
    let status = Status(
      code: .resourceExhausted,
      message:
        "metadata has at most \(limits.maximumHeaderFields) fields and \(limits.maximumHeaderListBytes) bytes, 32 for "
        + "each field among them")
    refuse(Self.responseHead + Self.trailers(status))
  }

  private func refuse(_ headers: [HTTP2Header]) {
    hasResponded = true
    hasFailed = true
    do {
      try stream.respond(headers, endStream: true)
    } catch {
      stream.reset(.internalError)
    }
  }

  func received(data: UnsafeRawBufferPointer, on stream: HTTP2Stream) {
    guard let accepted, !hasFailed else { return stream.consume(data.count) }
    var messages: [[UInt8]] = []
    do throws(RPCError) {
      defer {
        if !messages.isEmpty { accepted.direct.take(from: &messages) }
        if !messages.isEmpty { accepted.inbound.push(messages) { .message($0) } }
      }
      try deframer.feed(data, into: &messages)
      messageCount += messages.count
      try count(deframer.incompleteBytes)
      if messageCount > 1, accepted.descriptor.type?.isRequestStreaming == false {
        messages = []
        throw Self.wrongCardinality(messageCount)
      }
    } catch {
      stream.messageInvalid()
      terminate(error)
    }
    if accepted.inbound.isHolding { withheld += data.count } else { stream.consume(data.count) }
  }

  /// Counts the bytes of a message that has not ended; mostly there is none.
  private func count(_ bytes: Int) throws(RPCError) {
    guard bytes != incomplete else { return }
    guard connection.incomplete(changedBy: bytes - incomplete) else {
      throw RPCError(
        code: .resourceExhausted,
        message: "too many bytes of messages that have not ended, of one client (max: "
          + "\(context.incomplete.limit(of: connection.principal)), of all: \(context.incomplete.limits.total))")
    }
    incomplete = bytes
  }

  /// No message of the call is read any more.
  private func dropIncomplete() {
    deframer = GRPCMessageDeframer(maximumMessageBytes: context.configuration.maximumMessageBytes)
    if incomplete > 0 { _ = connection.incomplete(changedBy: -incomplete) }
    incomplete = 0
  }

  func receivedEnd(on stream: HTTP2Stream) {
    guard let accepted, !hasFailed else { return }
    do throws(RPCError) {
      try deframer.finish()
      if messageCount == 0, accepted.descriptor.type?.isRequestStreaming == false { throw Self.wrongCardinality(0) }
      accepted.inbound.finish()
    } catch {
      stream.messageInvalid()
      terminate(error)
    }
  }

  func nextOutbound(on stream: HTTP2Stream) -> HTTP2Outbound {
    guard let accepted else { return .later }
    let outbound = accepted.outbound.takeData()
    if case .chunk(_, .some) = outbound { hasEnded = true }
    return outbound
  }

  func closed(_ code: HTTP2ErrorCode, error: (any Error)?) {
    deadline?.cancel()
    dropIncomplete()
    guard let accepted else { return connection.streamClosed(workGoesOn: false) }
    self.accepted = nil
    let isRegular = code == .noError && hasEnded
    connection.streamClosed(workGoesOn: !isRegular && accepted.cancellation.streamAbandoned())
    let failure =
      if isRegular {
        RPCError(code: .cancelled, message: "the call is over")
      } else if let error {
        RPCError(connectionLost: error)
      } else {
        RPCError(reset: code)
      }
    accepted.direct.callEnded()
    accepted.inbound.finish(throwing: failure)
    accepted.outbound.close(failure)
    if !isRegular { accepted.cancellation.cancel() }
  }
}

extension InboundQueue {
  /// Adds messages, each with what it costs to keep.
  func push(_ messages: [[UInt8]], _ part: ([UInt8]) -> Element) {
    // About what an array and its slot take besides the bytes.
    let bytes = messages.reduce(0) { $0 + $1.count + 64 }
    push(messages.map(part), bytes: bytes)
  }
}

extension TimeAmount {
  /// A deadline that the event loop can count to; `nil` if it is so far away that it makes no difference.
  init?(deadline: Duration) {
    let (seconds, attoseconds) = deadline.components
    // A hundred years; `TimeAmount` ends after 292.
    guard seconds < 3_155_760_000 else { return nil }
    self = .nanoseconds(max(0, seconds) * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

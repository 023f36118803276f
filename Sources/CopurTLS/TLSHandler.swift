public import NIOCore

/// Puts TLS between the network and the handlers behind it.
///
/// Fires ``TLSHandshakeCompleted`` when the handshake is done. A failure is fired as a ``TLSError``, the alert that
/// tells the peer is sent, and the channel is closed.
public final class TLSHandler: ChannelDuplexHandler {
  public typealias InboundIn = ByteBuffer
  public typealias InboundOut = ByteBuffer
  public typealias OutboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  private enum State {
    case idle
    case handshaking
    case open
    case closed
  }

  private let session: TLSSession
  private let handshakeTimeout: TimeAmount
  private var state = State.idle
  private var timeout: Scheduled<Void>?
  /// Plaintext written before the handshake is done.
  private var early: [(ByteBuffer, EventLoopPromise<Void>?)] = []
  /// Promises of plaintext that is encrypted and not flushed.
  private var unflushed: [EventLoopPromise<Void>] = []

  /// Creates a handler for one connection.
  ///
  /// - Parameters:
  ///   - context: Certificates and trust, made for the same role.
  ///   - role: Which end of the connection this is.
  ///   - handshakeTimeout: How long the handshake may take from the moment the channel is active.
  /// - Throws: A ``TLSError`` if the server's name is not a host name.
  public init(
    context: TLSContext,
    role: TLSSession.Role,
    handshakeTimeout: TimeAmount = .seconds(10)
  ) throws(TLSError) {
    self.session = try TLSSession(context: context, role: role)
    self.handshakeTimeout = handshakeTimeout
  }

  public func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { start(context) }
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    end(TLSError(code: .closed, message: "the connection is closed"))
  }

  public func channelActive(context: ChannelHandlerContext) {
    start(context)
    context.fireChannelActive()
  }

  public func channelInactive(context: ChannelHandlerContext) {
    let handshaking = state == .handshaking
    end(TLSError(code: .closed, message: "the connection is closed"))
    if handshaking {
      let message = "the handshake failed: the peer closed the connection"
      context.fireErrorCaught(TLSError(code: .handshakeFailed, message: message))
    }
    // A missing close_notify is not an error here: HTTP/2 frames say themselves where a message ends.
    context.fireChannelInactive()
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    session.receive(unwrapInboundIn(data))
    if state == .handshaking { advance(context) }
    if state == .open { deliver(context) }
  }

  public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let plaintext = unwrapOutboundIn(data)
    switch state {
    case .idle, .handshaking:
      early.append((plaintext, promise))
    case .open:
      encrypt(context, plaintext, promise)
    case .closed:
      promise?.fail(TLSError(code: .closed, message: "the connection is closed"))
    }
  }

  public func flush(context: ChannelHandlerContext) {
    if state == .open { sendCiphertext(context) }
  }

  public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if state == .open, mode != .input {
      session.close()
      sendCiphertext(context)
    }
    if mode == .all { end(TLSError(code: .closed, message: "the connection is closed")) }
    context.close(mode: mode, promise: promise)
  }

  private func start(_ context: ChannelHandlerContext) {
    guard state == .idle else { return }
    state = .handshaking
    let limit = handshakeTimeout
    timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      guard self.state == .handshaking else { return }
      let message = "the handshake has to be done in \(limit.nanoseconds / 1_000_000) ms"
      self.fail(context, TLSError(code: .handshakeTimedOut, message: message))
    }
    advance(context)
  }

  private func advance(_ context: ChannelHandlerContext) {
    do throws(TLSError) {
      let progress = try session.handshake()
      switch progress {
      case .waiting:
        sendCiphertext(context)
      case .complete:
        let certificate = try session.peerCertificate()
        timeout?.cancel()
        state = .open
        sendCiphertext(context)
        context.fireUserInboundEventTriggered(
          TLSHandshakeCompleted(
            applicationProtocol: session.applicationProtocol ?? "",
            peerCertificate: certificate))
        let waiting = early
        early.removeAll()
        for (plaintext, promise) in waiting { encrypt(context, plaintext, promise) }
        if !waiting.isEmpty { sendCiphertext(context) }
      }
    } catch {
      fail(context, error)
    }
  }

  private func deliver(_ context: ChannelHandlerContext) {
    var plaintext = ByteBuffer()
    do throws(TLSError) {
      let outcome = try session.read(into: &plaintext)
      // Reading may have to answer, to a key update for example.
      sendCiphertext(context)
      if plaintext.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plaintext)) }
      if outcome == .closed, state == .open { context.close(mode: .all, promise: nil) }
    } catch {
      if plaintext.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plaintext)) }
      fail(context, error)
    }
  }

  private func encrypt(_ context: ChannelHandlerContext, _ plaintext: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    do {
      try plaintext.withUnsafeReadableBytes { try session.write($0) }
      if let promise { unflushed.append(promise) }
    } catch {
      promise?.fail(error)
    }
  }

  private func sendCiphertext(_ context: ChannelHandlerContext) {
    // Someone may wait for an empty write, to know that all before it has left.
    guard let ciphertext = session.takeCiphertext() ?? (unflushed.isEmpty ? nil : ByteBuffer()) else { return }
    var promise: EventLoopPromise<Void>?
    for waiting in unflushed {
      if let promise { promise.futureResult.cascade(to: waiting) } else { promise = waiting }
    }
    unflushed.removeAll(keepingCapacity: true)
    context.writeAndFlush(wrapOutboundOut(ciphertext), promise: promise)
  }

  private func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
    guard state != .closed else { return }
    // RFC 8446 section 6.2: the alert goes out before the connection is closed.
    sendCiphertext(context)
    end(error)
    context.fireErrorCaught(error)
    context.close(mode: .all, promise: nil)
  }

  private func end(_ error: TLSError) {
    state = .closed
    timeout?.cancel()
    timeout = nil
    let waiting = early.compactMap(\.1) + unflushed
    early.removeAll()
    unflushed.removeAll()
    for promise in waiting { promise.fail(error) }
  }
}

@available(*, unavailable)
extension TLSHandler: Sendable {}

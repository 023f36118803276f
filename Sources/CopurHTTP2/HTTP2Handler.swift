internal import CopurTLS
public import NIOCore

/// Carries bytes between a channel and an ``HTTP2Session``.
///
/// All frames that become due in one turn of the event loop leave in one write.
public final class HTTP2Handler: ChannelInboundHandler {
  public typealias InboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  private enum State {
    case waiting
    case open
    case closed
  }

  /// The amount that a server takes in before frames are made. nghttp2's limits on what it queues act only as it sends.
  private static let inputSlice = 4 << 10

  /// The amount that is written before the channel is asked whether it takes more.
  private static let outputSlice = 256 << 10

  /// Names the PING whose answer says that the peer has seen the announced shutdown.
  private static let shutdownPing: UInt64 = 0x636f_7075_7220_6279

  /// The time that a peer that has been told why it is closed may take to read it.
  private static let farewell = TimeAmount.seconds(1)

  let session: HTTP2Session
  let refusals: HTTP2Refusals
  /// The bytes that came and left.
  public let traffic = HTTP2Traffic()
  var context: ChannelHandlerContext?
  /// The deadlines of a server's client, once HTTP/2 has begun.
  var timers: ConnectionTimers?
  /// The call of `timers` that is due next.
  var alarm: (deadline: NIODeadline, task: Scheduled<Void>)?
  private let waitsForTLS: Bool
  private var delegate: (any HTTP2ConnectionDelegate)?
  private var state = State.waiting
  private var wasActive = false
  private var isReading = false
  private var isPumpScheduled = false
  private var isDraining = false
  private var isClosing = false
  private var firstError: (any Error)?

  /// Creates a handler for one connection.
  ///
  /// - Parameters:
  ///   - role: Which end of the connection this is.
  ///   - configuration: The connection's limits.
  ///   - waitsForTLS: Whether a ``TLSHandler`` is in front; if not, HTTP/2 begins at once (RFC 9113 section 3.3).
  ///   - eventLoop: The connection's event loop, which tells the time.
  ///   - refusals: Where it is counted what a server refuses its client.
  ///   - delegate: Whoever owns the connection; let go when it is closed.
  /// - Throws: An ``HTTP2Error`` if memory is short or nghttp2 lacks a limit.
  public init(
    role: HTTP2Session.Role,
    configuration: HTTP2Configuration,
    waitsForTLS: Bool,
    eventLoop: any EventLoop,
    refusals: HTTP2Refusals = HTTP2Refusals(),
    delegate: any HTTP2ConnectionDelegate
  ) throws(HTTP2Error) {
    self.session = try HTTP2Session(role: role, configuration: configuration, clock: { eventLoop.now })
    self.refusals = refusals
    self.waitsForTLS = waitsForTLS
    self.delegate = delegate
    self.session.delegate = self
  }

  // MARK: - For the connection's owner

  /// Opens a stream with a request.
  ///
  /// - Parameters:
  ///   - headers: The request's headers, pseudo-headers first.
  ///   - delegate: Whoever handles the stream.
  /// - Throws: An ``HTTP2Error`` if a header is not valid or the connection takes no new streams.
  public func openStream(
    _ headers: [HTTP2Header],
    delegate: any HTTP2StreamDelegate
  ) throws(HTTP2Error) -> HTTP2Stream {
    guard state == .open else {
      throw HTTP2Error(code: .connectionClosed, message: "the connection is closed and takes no new streams")
    }
    return try session.openStream(headers, endStream: false, delegate: delegate)
  }

  /// Lets open streams end, takes no new ones, and then closes the connection.
  ///
  /// Firing `ChannelShouldQuiesceEvent` through the channel's pipeline does the same.
  public func shutDownGracefully() {
    guard !isDraining else { return }
    isDraining = true
    guard state == .open else {
      context?.close(promise: nil)
      return
    }
    switch session.role {
    case .server:
      // RFC 9113 section 6.8: announced first, so that requests that are on their way are still answered.
      session.announceShutdown(ping: Self.shutdownPing)
      timers?.drainAnnounced(at: session.clock())
      setAlarm()
    case .client:
      session.shutDown()
    }
  }

  // MARK: - Events of the channel

  public func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { activate() }
  }

  public func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  public func channelActive(context: ChannelHandlerContext) {
    activate()
    context.fireChannelActive()
  }

  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case let completed as TLSHandshakeCompleted:
      open(peer: completed.peerCertificate)
    case is ChannelShouldQuiesceEvent:
      shutDownGracefully()
    default:
      break
    }
    context.fireUserInboundEventTriggered(event)
  }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state == .open else { return }
    isReading = true
    var bytes = unwrapInboundIn(data)
    traffic.receive(bytes.readableBytes)
    do throws(HTTP2Error) {
      let inputSlice = session.role == .server ? Self.inputSlice : bytes.readableBytes
      while let slice = bytes.readSlice(length: min(bytes.readableBytes, inputSlice)), slice.readableBytes > 0 {
        try slice.withUnsafeReadableBytes { (bytes) throws(HTTP2Error) in try session.receive(bytes) }
        if context.channel.isWritable { try session.makeOutput(limit: Self.outputSlice) }
        try checkQueue(context)
      }
    } catch {
      fail(error)
    }
    received()
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    pump()
    context.fireChannelReadComplete()
  }

  public func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, !isReading { pump() }
    context.fireChannelWritabilityChanged()
  }

  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if firstError == nil {
      firstError = error
      if let error = error as? TLSError { record(error) }
    }
    context.close(promise: nil)
  }

  public func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  // MARK: - Carrying actions out

  private func activate() {
    wasActive = true
    if !waitsForTLS { open(peer: nil) }
  }

  private func open(peer: PeerCertificate?) {
    guard state == .waiting else { return }
    state = .open
    if session.role == .server { startTimers() }
    delegate?.connectionOpened(self, peer: peer)
    if isDraining {
      isDraining = false
      shutDownGracefully()
    }
    schedulePump()
  }

  /// Ends the announced shutdown: from now on no new streams are taken.
  func finishDrain() {
    timers?.drainFinished()
    session.shutDown()
  }

  private func schedulePump() {
    guard !isReading, !isPumpScheduled, let context else { return }
    isPumpScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isPumpScheduled = false
      self.pump()
    }
  }

  private func pump() {
    guard state == .open, let context else { return }
    do throws(HTTP2Error) {
      while context.channel.isWritable, let output = try session.takeOutput(limit: Self.outputSlice) {
        traffic.send(output.readableBytes)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
      }
    } catch {
      fail(error)
      return
    }
    if session.isFinished {
      if firstError == nil, let violation = session.violation {
        firstError = violation
        record(violation)
      }
      closeWhenWritten(context)
    } else {
      outputMade(context)
    }
  }

  /// Closes the channel when all that was written before has left: closing drops what has not.
  private func closeWhenWritten(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    isClosing = true
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    let patience = firstError == nil ? TimeAmount(session.configuration.writeStallTimeout) : Self.farewell
    let closing = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
    context.channel.closeFuture.whenComplete { _ in closing.cancel() }
  }

  /// Ends the connection because of its peer, or because nghttp2 cannot go on.
  func fail(_ error: HTTP2Error) {
    guard firstError == nil, state == .open, let context else { return }
    firstError = error
    record(error)
    session.terminate(error.rule.map(Self.code) ?? .internalError, reason: error.rule?.rawValue ?? "")
    if let output = try? session.takeOutput(limit: Self.outputSlice) {
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }
    context.close(promise: nil)
  }

  private func end() {
    guard state != .closed else { return }
    state = .closed
    alarm?.task.cancel()
    alarm = nil
    session.connectionClosed(
      error: firstError ?? HTTP2Error(code: .connectionClosed, message: "the connection was closed"))
    let delegate = delegate
    self.delegate = nil
    if wasActive { delegate?.connectionClosed(firstError) }
  }
}

extension HTTP2Handler: HTTP2SessionDelegate {
  public func streamOpened(_ stream: HTTP2Stream) {
    delegate?.streamOpened(stream)
  }

  public func settingsReceived() {
    timers?.settingsReceived()
    delegate?.peerReady()
  }

  public func settingsAcknowledged() {
    timers?.settingsAcknowledged()
  }

  public func streamRefused(_ rule: HTTP2Rule) {
    record(rule, endsConnection: false, message: "a stream is refused")
  }

  public func streamNumbersUsed(_ last: Int32) {
    guard !isDraining else { return }
    record(
      .streamNumbersUsed, endsConnection: true,
      message: "stream numbers (max: \(session.configuration.lastStreamNumber), actual: \(last))")
    shutDownGracefully()
  }

  public func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32) {
    delegate?.peerDraining(code)
  }

  public func pingAcknowledged(_ payload: UInt64) {
    if payload == Self.shutdownPing, isDraining { finishDrain() }
  }

  public func outputWaiting() {
    schedulePump()
  }
}

@available(*, unavailable)
extension HTTP2Handler: Sendable {}

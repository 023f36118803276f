internal import CopurTLS
internal import NIOCore

/// The limits that a server's connection is held to.
extension HTTP2Handler {
  /// The error code of the GOAWAY for a rule.
  static func code(_ rule: HTTP2Rule) -> HTTP2ErrorCode {
    switch rule {
    case .settingsTimeout: .settingsTimeout
    case .streamClosed: .streamClosed
    case .streamNumber, .protocolError: .protocolError
    default: .enhanceYourCalm
    }
  }

  // MARK: - Output

  /// Checks what waits for a peer that does not read.
  func checkQueue(_ context: ChannelHandlerContext) throws(HTTP2Error) {
    guard let connectionGuard = session.connectionGuard else { return }
    // The bytes that the channel holds are asked for only when there are many.
    let inChannel = context.channel.isWritable ? 0 : bufferedBytes(context)
    do throws(ConnectionGuard.Violation) {
      try connectionGuard.outputWaits(frames: session.queuedFrames, bytes: session.outputBytes + inChannel)
    } catch {
      throw HTTP2Error(error)
    }
  }

  /// Notes how far the peer takes what is sent.
  func outputMade(_ context: ChannelHandlerContext) {
    guard timers != nil else { return }
    let inChannel = bufferedBytes(context)
    timers?.outputMade(
      isWaiting: inChannel > 0 || session.sendingStreams > 0, progress: session.dataBytesSent - inChannel,
      at: session.clock())
    setAlarm()
  }

  private func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  // MARK: - Time

  func startTimers() {
    timers = ConnectionTimers(session.configuration, at: session.clock())
    setAlarm()
  }

  /// Bytes have been received.
  func received() {
    guard timers != nil else { return }
    timers?.received(headerBlock: session.connectionGuard?.openHeaderBlock, at: session.clock())
    setAlarm()
  }

  /// Makes sure that `timers` are asked in time. Being asked too early does no harm, so one alarm does for all.
  func setAlarm() {
    guard let deadline = timers?.nextDeadline, let context, context.channel.isActive else { return }
    if let alarm {
      guard deadline < alarm.deadline else { return }
      alarm.task.cancel()
    }
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.alarm = nil
      self.timeElapsed()
    }
    alarm = (deadline, task)
  }

  private func timeElapsed() {
    switch timers?.elapsed(at: session.clock(), hasStreams: session.hasStreams) {
    case .close(let violation):
      fail(HTTP2Error(violation))
      return
    case .drain(let violation):
      record(violation.rule, endsConnection: true, message: violation.message)
      shutDownGracefully()
    case .ping:
      session.ping(0)
    case .finishDrain:
      finishDrain()
    case nil:
      break
    }
    setAlarm()
  }

  // MARK: - Counting

  func record(_ rule: HTTP2Rule, endsConnection: Bool, message: String) {
    guard session.role == .server else { return }
    let address = context?.remoteAddress
    let peer = address.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? "unknown"
    refusals.record(HTTP2Refusal(rule: rule, peer: peer, endsConnection: endsConnection, message: message))
  }

  func record(_ error: HTTP2Error) {
    if let rule = error.rule { record(rule, endsConnection: true, message: error.message) }
  }

  /// Counts what TLS refuses; a connection that is only lost is nobody's fault.
  func record(_ error: TLSError) {
    switch error.code {
    case .handshakeTimedOut:
      record(.handshakeTimeout, endsConnection: true, message: error.message)
    case .handshakeFailed, .noApplicationProtocol, .malformedPeerCertificate:
      record(.handshakeFailed, endsConnection: true, message: error.message)
    case .protocolViolation:
      record(.tls, endsConnection: true, message: error.message)
    default:
      break
    }
  }
}

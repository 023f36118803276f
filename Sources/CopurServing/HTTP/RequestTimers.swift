internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTPTypes

/// Closes a connection whose peer takes too long with a request's head or body, or does not take an answer.
final class RequestTimers: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// The times that a peer may take.
  struct Limits: Sendable {
    /// For the first head, TLS handshake included.
    var head = Duration.seconds(10)
    /// For a further request on a connection.
    var nextHead = Duration.seconds(60)
    /// For a body.
    var body = Duration.seconds(60)
    /// For taking any part of what was sent.
    var write = Duration.seconds(30)
  }

  /// The number of bytes that are progress.
  private static let progress = 4 << 10

  private let limits: Limits
  private let planeGuard: PlaneGuard
  private var reading: Scheduled<Void>?
  private var writing: Scheduled<Void>?
  /// Writes that the peer has not taken.
  private var unwritten = 0

  init(limits: Limits, planeGuard: PlaneGuard) {
    self.limits = limits
    self.planeGuard = planeGuard
  }

  func handlerAdded(context: ChannelHandlerContext) { wait(limits.head, .headTimeout, context) }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      planeGuard.waits(ObjectIdentifier(context.channel), since: nil)
      wait(limits.body, .bodyTimeout, context)
      if head.headerFields[.expect]?.lowercased() == "100-continue" {
        // RFC 9110 section 10.1.1: the client waits for this before it sends the body.
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
      }
    case .body: break
    case .end:
      reading?.cancel()
      reading = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      planeGuard.waits(ObjectIdentifier(context.channel), since: context.eventLoop.now)
      wait(limits.nextHead, .headTimeout, context)
    }
    unwritten += 1
    if writing == nil { watchWriting(context) }
    let done = promise ?? context.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    done.futureResult.whenComplete { _ in
      let (timers, context) = bound.value
      timers.written(context)
    }
    context.write(data, promise: done)
  }

  private func written(_ context: ChannelHandlerContext) {
    unwritten -= 1
    writing?.cancel()
    writing = nil
    if unwritten > 0 { watchWriting(context) }
  }

  private func watchWriting(_ context: ChannelHandlerContext) {
    let waiting = bufferedBytes(context)
    writing = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.write)) { [planeGuard] in
      // A long answer over a slow line is one write: what counts is whether any of it is taken.
      guard waiting - self.bufferedBytes(context) < Self.progress else { return self.watchWriting(context) }
      planeGuard.refused(.writeStall)
      context.close(promise: nil)
    }
  }

  private func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  private func wait(_ limit: Duration, _ rule: PlaneGuard.Rule, _ context: ChannelHandlerContext) {
    reading?.cancel()
    reading = scheduled(in: limit, rule, context)
  }

  private func scheduled(
    in limit: Duration, _ rule: PlaneGuard.Rule, _ context: ChannelHandlerContext
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { [planeGuard] in
      planeGuard.refused(rule)
      context.close(promise: nil)
    }
  }

  private func cancel() {
    reading?.cancel()
    writing?.cancel()
    (reading, writing) = (nil, nil)
  }
}

@available(*, unavailable)
extension RequestTimers: Sendable {}

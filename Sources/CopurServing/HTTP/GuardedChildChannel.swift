internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Connections of a server, only so many in all and from one address.
struct GuardedChildChannel<Base: ServerChildChannel>: ServerChildChannel {
  /// There are too many connections.
  struct Refused: Error {}

  let base: Base
  let limits: PlaneGuard

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    let peer = channel.remoteAddress?.ipAddress ?? ""
    let id = ObjectIdentifier(channel)
    guard limits.opened(id, peer: peer, at: channel.eventLoop.now, close: { channel.close(promise: nil) }) else {
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(Refused())
    }
    channel.closeFuture.whenComplete { _ in limits.closed(id) }
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Connections of a server, only so many from one address.
struct GuardedChildChannel<Base: ServerChildChannel>: ServerChildChannel {
  /// An address has too many connections.
  struct Refused: Error {}

  let base: Base
  let limits: PlaneGuard

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    let peer = channel.remoteAddress?.ipAddress ?? ""
    guard limits.opened(peer: peer) else {
      limits.refused(.connectionsPerPeer)
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(Refused())
    }
    channel.closeFuture.whenComplete { _ in limits.closed(peer: peer) }
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

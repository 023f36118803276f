internal import CopurTLS
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// HTTP/1.1 behind the project's own TLS.
struct TLSChildChannel<Base: ServerChildChannel>: ServerChildChannel {
  struct Value: ServerChildChannelValue {
    let base: Base.Value
    let peer: ConnectionPeer
    var channel: any Channel { base.channel }
  }

  let base: Base
  let tls: TLSContext

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let peer = ConnectionPeer()
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandlers([TLSHandler(context: tls, role: .server), ConnectionPeerHandler(peer)])
    }
    .flatMap { base.setup(channel: channel, logger: logger) }
    .map { Value(base: $0, peer: peer) }
  }

  func handle(value: Value, logger: Logger) async {
    await ConnectionPeer.$current.withValue(value.peer) { await base.handle(value: value.base, logger: logger) }
  }
}

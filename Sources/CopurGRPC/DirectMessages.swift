internal import GRPCCore
internal import Synchronization

/// The messages of a call on a short way: handled where they arrive, and sent without a task.
///
/// A message for a task waits in a queue until the task has been woken, and passes gRPC's layers; its answer goes the same way back.
/// With many peers whose messages take a few microseconds each, that is more work than the messages themselves.
///
/// ```swift
/// DirectMessages.current?.handle { message in
///   guard let question = Question(message) else { return false }
///   …
///   return true
/// }
/// ```
public final class DirectMessages: Sendable {
  /// The messages of the call that the current task makes or handles; nil with other transports than this module's.
  @TaskLocal public static var current: DirectMessages?

  /// Deals with a message, or says that it is not one of its own.
  public typealias Handler = @Sendable ([UInt8]) -> Bool

  /// A closure that a mutex holds by itself is wrapped once more each time that it is looked at.
  private final class Box: Sendable {
    let handler: Handler

    init(_ handler: @escaping Handler) { self.handler = handler }
  }

  private let box = Mutex<Box?>(nil)
  private let outbound: OutboundQueue
  private let abort: @Sendable (RPCError) -> Void

  /// - Parameter abort: Ends the call.
  init(outbound: OutboundQueue, abort: @escaping @Sendable (RPCError) -> Void) {
    self.outbound = outbound
    self.abort = abort
  }

  /// Has each message that comes from now on handled on the connection's event loop, as soon as it is there.
  ///
  /// - Parameter handler: Says whether it has dealt with the message; all others go to the call's task as before. It must not
  ///   block, and is let go when the call is over.
  public func handle(_ handler: @escaping Handler) { box.withLock { $0 = Box(handler) } }

  /// Sends a message, however many wait for the peer; nothing if the call is over.
  ///
  /// - Parameter message: Follows the call's metadata, which whoever began the call has written.
  public func send(_ message: [UInt8]) throws { try outbound.write(atOnce: message) }

  /// Ends the call; its task is told so by an error.
  ///
  /// - Parameter reason: For whoever reads that error.
  public func end(_ reason: String) { abort(RPCError(code: .aborted, message: reason)) }

  // MARK: For the event loop

  /// Takes out the messages that the handler deals with.
  func take(from messages: inout [[UInt8]]) {
    guard let box = box.withLock({ $0 }) else { return }
    messages.removeAll(where: box.handler)
  }

  /// The call is over.
  func callEnded() { box.withLock { $0 = nil } }
}

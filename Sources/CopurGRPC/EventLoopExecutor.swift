public import NIOCore
internal import NIOPosix

/// Runs tasks on an event loop's thread.
///
/// A call that is handled on its connection's own event loop needs no other thread to be woken for a message, neither
/// when it comes nor when it is answered; with small messages that is most of what a message costs. Transports handle
/// their calls so. A process that does little but talk to one server, as an agent does, can run as a whole on one:
///
/// ```swift
/// let executor = EventLoopExecutor.shared
/// try await withTaskExecutorPreference(executor) {
///   let transport = HTTP2ClientTransport(host: "localhost", port: 8001, tls: nil, eventLoopGroup: executor.eventLoop)
///   …
/// }
/// ```
public final class EventLoopExecutor: TaskExecutor {
  /// One of the process's event loops, always the same.
  public static let shared = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.any())

  /// The event loop on which its jobs run, one after the other.
  public let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Sleeps without another thread, to the end even where the task is cancelled.
  public func sleep(for duration: Duration) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      eventLoop.scheduleTask(in: TimeAmount(duration)) { continuation.resume() }
    }
  }
}

extension EventLoop {
  /// Runs something now if this is the loop's thread, and else in its turn.
  func run(_ body: @escaping @Sendable () -> Void) {
    if inEventLoop { body() } else { execute(body) }
  }
}

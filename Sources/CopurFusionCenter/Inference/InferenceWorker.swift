internal import Synchronization

/// Computes inference requests one after the other, on a thread that is none of those that serve connections.
public final class InferenceWorker: Sendable {
  private let queue = WorkerQueue(label: "copur.inference")
  private let waiting = Mutex(0)
  /// The most requests that may wait or be computed.
  public let limit: Int

  /// - Parameter limit: At least 1.
  public init(limit: Int = 256) {
    precondition(limit >= 1)
    self.limit = limit
  }

  /// Runs work in its turn and waits for it.
  ///
  /// - Returns: Nil, without having run it, if too much is waiting.
  public func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result? {
    let isFree = waiting.withLock { waiting in
      guard waiting < limit else { return false }
      waiting += 1
      return true
    }
    guard isFree else { return nil }
    defer { waiting.withLock { $0 -= 1 } }
    return await queue.run(work)
  }
}

internal import Dispatch

/// A thread for work that computes for long: not the cooperative pool's, whose few threads serve every connection.
struct WorkerThread: Sendable {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  /// Runs work there, one piece after the other, and waits for it.
  func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }
}

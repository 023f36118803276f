internal import Dispatch

/// A serial queue for work that computes for long: its thread is none of the cooperative pool's few, which serve every
/// connection.
struct WorkerQueue: Sendable {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  /// Runs work there, one piece after the other, and waits for it.
  func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }
}

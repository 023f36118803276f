internal import Dispatch

/// Threads for training, which computes for long: the cooperative pool has as few threads as there are cores, and
/// signals and connections to serve meanwhile.
final class TrainingExecutor: TaskExecutor {
  static let shared = TrainingExecutor()

  private let queue = DispatchQueue(label: "copur.training", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

internal import Dispatch

/// Threads for training, which computes for long: those of the cooperative pool are as few as there are cores, and have
/// signals and connections to serve meanwhile.
///
/// The quality of service is what keeps them apart: Dispatch has a pool of threads for each, and tasks and signals are
/// served from that of the default one.
final class TrainingExecutor: TaskExecutor {
  static let shared = TrainingExecutor()

  private let queue = DispatchQueue(label: "copur.training", qos: .utility, attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

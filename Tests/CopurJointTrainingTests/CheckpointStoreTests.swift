import CopurJointTraining
import CopurLearning
import CopurNumerics
import Dispatch
import Foundation
import Synchronization
import Testing

/// The fusion center's checkpoints, written while training goes on.
struct CheckpointStoreTests {
  private static let patience = DispatchTimeInterval.seconds(20)

  fileprivate static let state: JointTrainingCenter.State = {
    var generator = SeededGenerator(seed: 1)
    let training = JointTraining(layout: BlockLayout(widths: [1]), loss: .sigmoid)
    let fusion = DenseNetwork(widths: [1, 1], hidden: .identity, using: &generator)
    return JointTrainingCenter(
      training, fusion: fusion, labels: [0, 1], optimizer: Optimizer(.sgd, learningRate: 0.1), epochs: 1, batch: 2,
      using: &generator
    ).state
  }()

  private func withStore<Result>(_ body: (CheckpointStore) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)")
    let store = try CheckpointStore(folder: folder)
    defer { store.removeAll() }
    return try await body(store)
  }

  /// Two agents of an asynchronous training ended their checkpoints at once. What the first one's had seen was on the disk
  /// last, so that a center that was killed then had forgotten the second one's.
  @Test("Of checkpoints that end at once, the one on the disk has seen all of them")
  func order() async throws {
    try await withStore { store in
      let training = Training()
      async let first: Void = training.ended(0, in: store, isSlow: true)
      await signalled(training.isWriting)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for agent in 1...4 { group.addTask { try await training.ended(agent, in: store) } }
        try await group.waitForAll()
      }
      training.areWritten.signal()
      try await first
      #expect(try store.entry(of: "job")?.agents == [0: 1, 1: 1, 2: 1, 3: 1, 4: 1])
    }
  }

  /// Synchronous steps are taken on the event loop that has all agents' connections: while a checkpoint's fsync lasted, none
  /// of them was read.
  @Test("While a checkpoint is written, the thread that asked for it serves others")
  func eventLoop() async throws {
    try await withStore { store in
      let loop = OneThread()
      let served = DispatchSemaphore(value: 0)
      try await withTaskExecutorPreference(loop) {
        try await store.store(of: "job") {
          // As a message does that comes meanwhile.
          loop.queue.async { served.signal() }
          #expect(served.wait(timeout: .now() + Self.patience) == .success)
          return .init(number: 7, state: Self.state, agents: [:])
        }
      }
      #expect(try store.entry(of: "job")?.number == 7)
    }
  }

  /// Waits on a thread that no task needs.
  private func signalled(_ semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        #expect(semaphore.wait(timeout: .now() + Self.patience) == .success)
        continuation.resume()
      }
    }
  }
}

/// Agents that end their checkpoints.
private final class Training: Sendable {
  private let agents = Mutex<[Int: UInt64]>([:])
  let isWriting = DispatchSemaphore(value: 0)
  let areWritten = DispatchSemaphore(value: 0)

  /// - Parameter isSlow: Whether this one's checkpoint takes long to write.
  func ended(_ agent: Int, in store: CheckpointStore, isSlow: Bool = false) async throws {
    agents.withLock { $0[agent] = 1 }
    try await store.store(of: "job") { [self] in
      let seen = agents.withLock { $0 }
      if isSlow {
        isWriting.signal()
        // Time for the others to be written, where nothing holds them back.
        _ = areWritten.wait(timeout: .now() + .milliseconds(300))
      }
      return .init(number: 0, state: CheckpointStoreTests.state, agents: seen)
    }
  }
}

/// One thread for all its tasks, as an event loop is.
private final class OneThread: TaskExecutor {
  let queue = DispatchQueue(label: "copur.tests.loop")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

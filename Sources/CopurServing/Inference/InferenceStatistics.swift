internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import Synchronization

/// Counts of inference requests that were answered, and the time that they took.
final class InferenceStatistics: Sendable {
  struct Count: Sendable {
    var count: UInt64 = 0
    var nanoseconds: UInt64 = 0

    fileprivate mutating func add(_ duration: Duration) {
      count += 1
      nanoseconds += UInt64(max(0, duration / .nanoseconds(1)))
    }
  }

  /// The parts of a request's time.
  struct Times: Sendable {
    /// Until it was its turn.
    var queue: Duration
    /// In the defence.
    var compute: Duration
  }

  struct Snapshot: Sendable {
    var success = Count()
    var failure = Count()
    /// From a request's entry into the queue until it was computed.
    var queue = Count()
    var compute = Count()
    /// The calls of a defence, by the samples of their request.
    var batches: [Int: Count] = [:]
    /// The time that requests took that were answered.
    var seconds = Histogram.seconds
    /// The solver's steps for each sample that it solved.
    var iterations = Histogram.iterations
    /// Samples.
    var inferences: UInt64 = 0
    /// Calls of a defence.
    var executions: UInt64 = 0
    /// Milliseconds since the epoch; 0 before the first.
    var lastInference: UInt64 = 0
  }

  private let state = Mutex(Snapshot())

  var snapshot: Snapshot { state.withLock { $0 } }

  /// A request was answered.
  func succeeded(in total: Duration, of times: Times, _ decisions: [Decision]) {
    let now = UInt64(Date.now.timeIntervalSince1970 * 1000)
    state.withLock { state in
      state.success.add(total)
      state.seconds.add(total)
      state.compute.add(times.compute)
      state.queue.add(times.queue)
      state.batches[decisions.count, default: Count()].add(times.compute)
      for case let steps? in decisions.lazy.map(\.iterations) { state.iterations.add(Double(steps)) }
      state.inferences += UInt64(decisions.count)
      state.executions += 1
      state.lastInference = now
    }
  }

  /// A request was refused.
  func failed(in total: Duration) { state.withLock { $0.failure.add(total) } }
}

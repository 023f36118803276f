import CLinux
import CopurGRPC

/// The machine's monotonic clock, the same in every process: nanoseconds since some moment in the past.
enum MonotonicTime {
  static var now: Int64 { copur_monotonic_nanoseconds() }

  /// Sleeps until a moment; returns at once if it has passed.
  static func sleep(until moment: Int64) async throws {
    let wait = moment - now
    if wait > 0 { await EventLoopExecutor.shared.sleep(for: .nanoseconds(wait)) }
    try Task.checkCancellation()
  }
}

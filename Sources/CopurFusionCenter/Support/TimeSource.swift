/// A monotonic clock whose instants are durations since the source was made, whatever the clock underneath.
struct TimeSource: Sendable {
  private let elapsed: @Sendable () -> Duration
  private let sleeper: @Sendable (Duration) async throws -> Void

  init<C: Clock<Duration>>(_ clock: C) {
    let origin = clock.now
    elapsed = { origin.duration(to: clock.now) }
    sleeper = { try await clock.sleep(until: origin.advanced(by: $0), tolerance: .zero) }
  }

  /// The time now.
  var now: Duration { elapsed() }

  /// Sleeps until a time; throws if the task is cancelled.
  func sleep(until deadline: Duration) async throws { try await sleeper(deadline) }
}

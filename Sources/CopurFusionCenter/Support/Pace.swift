/// Keeps a loop from taking what there is more often than at an interval, so that under load more is taken together.
///
/// Work that comes after a rest waits for nothing.
struct Pace {
  private let interval: Duration
  private var last: ContinuousClock.Instant?

  /// - Parameter interval: At least so long from one turn to the next; may be 0.
  init(interval: Duration) { self.interval = interval }

  /// Waits until the next turn may begin. Returns early if the task is cancelled.
  mutating func turn() async {
    guard interval > .zero else { return }
    let clock = ContinuousClock()
    if let last, clock.now - last < interval { try? await clock.sleep(until: last + interval, tolerance: .zero) }
    last = clock.now
  }
}

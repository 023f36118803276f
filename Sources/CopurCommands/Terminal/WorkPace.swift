/// The pace of work, and the time that it will go on.
struct WorkPace {
  /// A guess after a shorter time than this says nothing.
  private static let patience = Duration.seconds(1)

  private var work: String?
  private var start: (instant: ContinuousClock.Instant, completed: Int)?

  /// Work went on.
  ///
  /// - Parameter name: Which work; another one's pace is its own.
  /// - Returns: How long it will take if it goes on like that; nil if it is too early to say, or done.
  mutating func timeLeft(
    of name: String, completed: Int, total: Int, at now: ContinuousClock.Instant
  ) -> Duration? {
    guard name == work, let start else {
      (work, start) = (name, (now, completed))
      return nil
    }
    let (elapsed, steps) = (now - start.instant, completed - start.completed)
    guard elapsed >= Self.patience, steps > 0, completed < total else { return nil }
    return elapsed / Double(steps) * Double(total - completed)
  }

  /// A length of time as people say it.
  static func words(_ duration: Duration) -> String {
    let seconds = Int((duration / .seconds(1)).rounded(.up))
    return seconds < 100 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
  }
}

/// A deadline that follows what agents' delays are: for each agent one and a half times its smoothed delay and four
/// deviations, much as TCP has its retransmission timer (RFC 6298, section 2); the slowest agent's counts.
///
/// An agent that is slow on purpose brings it up to the longest deadline, never beyond; one that is quick cannot bring it
/// below what the others need.
struct DeadlineEstimate {
  private let bounds: ClosedRange<Duration>
  private var delays: [(smoothed: Double, deviation: Double)?]
  /// The deadline now.
  private(set) var deadline: Duration
  /// The number of delays that have come since the deadline was worked out.
  private var news = 0

  /// - Parameter bounds: The shortest deadline and the longest, which holds until every agent that speaks was heard.
  init(agents: Int, bounds: ClosedRange<Duration>) {
    self.bounds = bounds
    delays = [(smoothed: Double, deviation: Double)?](repeating: nil, count: agents)
    deadline = bounds.upperBound
  }

  /// An agent's block came so long after its round's clock had started; 0 before it.
  mutating func came(_ agent: Int, after delay: Duration) { add(delay / .seconds(1), of: agent) }

  /// An agent's block came when its round was closed: its delay is over the deadline.
  mutating func cameLate(_ agent: Int) {
    add(bounds.upperBound / .seconds(1), of: agent)
    update()
  }

  private mutating func add(_ delay: Double, of agent: Int) {
    if let known = delays[agent] {
      delays[agent] = (
        known.smoothed + (delay - known.smoothed) / 8,
        known.deviation + (abs(delay - known.smoothed) - known.deviation) / 4
      )
    } else {
      delays[agent] = (delay, delay / 2)
    }
    news += 1
    if news >= delays.count { update() }
  }

  private mutating func update() {
    news = 0
    guard let slowest = delays.compactMap({ $0.map { 1.5 * $0.smoothed + 4 * $0.deviation } }).max() else { return }
    deadline = min(max(.seconds(slowest), bounds.lowerBound), bounds.upperBound)
  }
}

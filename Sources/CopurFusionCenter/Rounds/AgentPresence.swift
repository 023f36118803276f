/// The agents that have a stream, and those that have been without one for so long that no round waits for them.
package struct AgentPresence {
  private let grace: Duration?
  private var streams: [Int]
  /// The time at which each agent's last stream ended, the beginning for one that never came; nil while it has one.
  private var left: [Duration?]
  private var absent: [Bool]
  /// The number of agents that no round waits for.
  private(set) var absentCount = 0
  /// No agent becomes absent before this.
  private(set) var nextAbsence: Duration?

  /// - Parameters:
  ///   - agents: How many there are; at first none has a stream.
  ///   - grace: How long an agent without a stream is waited for; nil: as long as any other.
  init(agents: Int, grace: Duration?) {
    self.grace = grace
    streams = [Int](repeating: 0, count: agents)
    left = [Duration?](repeating: .zero, count: agents)
    absent = [Bool](repeating: false, count: agents)
    nextAbsence = grace
  }

  /// Whether an agent has a stream.
  func hasStream(_ agent: Int) -> Bool { streams[agent] > 0 }

  /// Whether no round waits for an agent.
  func isAbsent(_ agent: Int) -> Bool { absent[agent] }

  /// An agent opened a stream.
  mutating func connected(_ agent: Int) {
    streams[agent] += 1
    left[agent] = nil
    guard absent[agent] else { return }
    absent[agent] = false
    absentCount -= 1
  }

  /// A stream of an agent ended.
  mutating func disconnected(_ agent: Int, at now: Duration) {
    streams[agent] -= 1
    guard streams[agent] == 0 else { return }
    left[agent] = now
    if let grace { nextAbsence = min(nextAbsence ?? now + grace, now + grace) }
  }

  /// Time went on.
  ///
  /// - Returns: Whether an agent became absent.
  mutating func advanced(to now: Duration) -> Bool {
    guard let grace, let next = nextAbsence, next <= now else { return false }
    nextAbsence = nil
    var isNews = false
    for agent in left.indices where !absent[agent] {
      guard let since = left[agent] else { continue }
      if since + grace <= now {
        absent[agent] = true
        absentCount += 1
        isNews = true
      } else {
        nextAbsence = min(nextAbsence ?? since + grace, since + grace)
      }
    }
    return isNews
  }
}

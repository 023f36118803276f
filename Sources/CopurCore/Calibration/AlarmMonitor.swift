/// Raises an alarm about an agent that is suspect in more rows, one after the other, than clean agents ever are.
///
/// Consecutive rows are alike: a phone in a new place is suspect for an hour. So a rate of suspect rows says little of one
/// hour, and a single row nothing. The monitor sums evidence as Page's test does (1954, "Continuous inspection schemes"):
/// a suspect row adds 1, another takes 1 away, never under 0. The alarm stands while the sum, which is by how much suspect
/// rows outnumber the others since they began to, is over the largest that held-out clean runs of rows had. Since those
/// are consecutive rows themselves, how alike they are is in the limit.
public struct AlarmMonitor: Hashable, Sendable {
  /// The sum over which each agent's alarm is raised.
  public let limits: [Int]
  /// Each agent's sum.
  public private(set) var excesses: [Int]

  /// - Parameter limits: The sum over which each agent's alarm is raised; at least 0.
  public init(limits: [Int]) {
    precondition(limits.allSatisfy { $0 >= 0 })
    self.limits = limits
    excesses = [Int](repeating: 0, count: limits.count)
  }

  /// A row was judged. Rows come in the order of time.
  ///
  /// - Parameter suspects: Whether each agent is suspect in it; nil of an agent that is missing, whose sum stays.
  /// - Returns: Of which agents the alarm stands.
  public mutating func judged(_ suspects: [Bool?]) -> [Bool] {
    precondition(suspects.count == limits.count)
    for (agent, isSuspect) in suspects.enumerated() {
      // At twice the limit it stays, so that an alarm ends after as many clean rows as it took to raise it.
      if let isSuspect { excesses[agent] = min(max(0, excesses[agent] + (isSuspect ? 1 : -1)), 2 * limits[agent] + 1) }
    }
    return zip(excesses, limits).map { $0 > $1 }
  }

  /// The largest sum that an agent's rows have.
  ///
  /// - Parameter suspects: Whether the agent is suspect in each row of a run, in order; nil where it is missing.
  public static func largestExcess(of suspects: [Bool?]) -> Int {
    var (excess, largest) = (0, 0)
    for case let isSuspect? in suspects {
      excess = max(0, excess + (isSuspect ? 1 : -1))
      largest = max(largest, excess)
    }
    return largest
  }

  /// The least limit, so that no alarm is a matter of a few rows.
  public static let leastLimit = 5

  /// The limit from clean runs of rows: the largest sum that any of them had.
  public static func limit(of runs: [[Bool?]]) -> Int { max(leastLimit, runs.map(largestExcess).max() ?? 0) }
}

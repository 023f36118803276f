/// The state of the service now, for the page.
package struct DashboardSummary: Encodable, Sendable {
  package struct Agent: Encodable, Sendable {
    let state: String
    let streams: Int
    let residual: Float?
    /// The parts of its last rounds that name it suspect, and that closed without it.
    let suspect: Double?
    let missing: Double?
  }

  package let phase: String
  package let reason: String?
  package let model: String
  package let agents: [Agent]
  package let openRounds: Int
  package let rounds: Int
  package let undecided: Int
  package let lost: Int
  /// Rounds a second, now and in each of the last seconds.
  package let rate: Double
  package let rates: [Int]
  /// Milliseconds from a round's first block to its verdict: median and 99th percentile now, median of each second.
  package let median: Double?
  package let tail: Double?
  package let medians: [Double?]
  /// Of the last rounds whose right label is known.
  package let labelled: Int
  package let right: Int
  /// Of these those of the most frequent class, which a constant guess would have got right.
  package let majority: Int
  /// Of the last verdicts that say how many liars they withstand; nil if none does.
  package let certified: Certified?
  package let sessions: [SessionTally]
}

extension DashboardSummary {
  /// The number of verdicts that stand whatever some agents do.
  package struct Certified: Encodable, Sendable {
    /// Verdicts that say.
    let verdicts: Int
    /// Of these those that stand whatever any one agent does.
    let one: Int
    /// Of these those that stand whatever any two agents do.
    let two: Int

    /// - Parameter liars: How many each verdict withstands.
    init?(_ liars: [Int]) {
      guard !liars.isEmpty else { return nil }
      verdicts = liars.count
      one = liars.count { $0 >= 1 }
      two = liars.count { $0 >= 2 }
    }
  }
}

/// The snapshot that a page is told first: all that is known.
package struct DashboardSnapshot: Encodable, Sendable {
  package let name: String
  package let agents: [String]
  package let classes: [String]
  /// The labels' source; nil: there are none.
  package let labels: String?
  /// The training of the model.
  package let training: ModelTraining?
  /// The number of rounds that the page keeps.
  package let capacity: Int
  package let rounds: [RoundRecord]
  package let alarms: [Alarm]
  package let now: DashboardSummary
}

/// The news that a page is told after that.
package struct DashboardUpdate: Encodable, Sendable {
  package let rounds: [RoundRecord]
  /// Rounds before these that are counted, and not listed.
  package let skipped: Int
  package let alarms: [Alarm]
  package let now: DashboardSummary
}

/// The record of one agent: its last rounds, and the state that follows from them.
package struct AgentRecord {
  /// An agent's state, as the page shows it.
  package enum State: String, Sendable {
    /// Its alarm stands; where the service has no limits for it, most of its last rounds name it suspect.
    case suspect
    /// Most of its last rounds closed without it.
    case silent
    /// It speaks, or has a stream open over which it can.
    case connected
    /// It has no stream open and has not been heard in the last rounds.
    case away
  }

  /// The number of rounds that a state is judged by.
  static let window = 16
  /// So many suspect rounds of the window begin a suspicion, and so many or fewer end it: the gap keeps one odd round from
  /// turning the state back and forth.
  private static let (suspicionBegins, suspicionEnds) = (8, 2)
  /// An agent that misses so many rounds in a row is silent, and one that speaks in so many is not any more.
  private static let run = 4

  package init() {}

  private var last: [AgentOutcome] = []
  /// Whether its alarm stands; nil where the service has no limit for it.
  private var alarm: Bool?
  private var isOftenSuspect = false
  /// Whether it is to be taken for suspect: as its alarm says, whose limit is held-out clean rows', else as its last rounds do.
  package var isSuspect: Bool { alarm ?? isOftenSuspect }
  package private(set) var isSilent = false
  /// Since the service was started.
  package private(set) var contributed = 0
  package private(set) var missed = 0
  package private(set) var suspected = 0
  /// The residual of the newest round; nil if the agent is missing in it or the defence has none.
  package private(set) var residual: Float?

  /// A round was decided.
  package mutating func decided(_ outcome: AgentOutcome, residual: Float?) {
    if last.count == Self.window { last.removeFirst() }
    last.append(outcome)
    switch outcome {
    case .missing: missed += 1
    case .contributed: contributed += 1
    case .suspect: (contributed, suspected) = (contributed + 1, suspected + 1)
    }
    self.residual = residual

    let suspectRounds = last.count { $0 == .suspect }
    isOftenSuspect = suspectRounds >= (isOftenSuspect ? Self.suspicionEnds + 1 : Self.suspicionBegins)
    let latest = last.suffix(Self.run)
    if latest.count == Self.run {
      if latest.allSatisfy({ $0 == .missing }) { isSilent = true }
      if latest.allSatisfy({ $0 != .missing }) { isSilent = false }
    }
  }

  /// The service was looked at.
  ///
  /// - Parameter alarm: Whether the agent's alarm stands; nil where the service has no limit for it.
  package mutating func looked(alarm: Bool?) { self.alarm = alarm }

  /// - Parameter streams: How many Contribute streams it has open.
  package func state(streams: Int) -> State {
    if isSuspect { return .suspect }
    if isSilent { return .silent }
    return streams > 0 || last.last.map { $0 != .missing } == true ? .connected : .away
  }

  /// The part of the last rounds in which it spoke that name it suspect; nil if it did not speak.
  package var suspectShare: Double? { share(of: .suspect, among: last.count { $0 != .missing }) }

  /// The part of the last rounds that closed without it; nil before the first.
  package var missingShare: Double? { share(of: .missing, among: last.count) }

  private func share(of outcome: AgentOutcome, among count: Int) -> Double? {
    count == 0 ? nil : Double(last.count { $0 == outcome }) / Double(count)
  }
}

/// An agent's part in a round.
package enum AgentOutcome: String, Sendable {
  /// Its block was used, and nothing speaks against it.
  case contributed = "."
  /// Its block came, and is none that a clean agent sends.
  case suspect = "!"
  /// Its block did not come by the deadline.
  case missing = "-"
}

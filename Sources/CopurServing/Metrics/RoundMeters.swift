package import CopurCore
package import CopurFusionCenter

/// The counts of rounds as they are decided.
package struct RoundMeters: Sendable {
  /// The counts of an agent.
  struct Agent: Sendable {
    var missing = 0
    var suspect = 0
    /// ‖[h − l̂]_i‖₂; the scale is the embedding's own, so the buckets are wide.
    var residuals = Histogram(bounds: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000])
  }

  private(set) var agents: [Agent]
  private(set) var decided = 0
  private(set) var withoutQuorum = 0
  private(set) var unconverged = 0
  /// The solver's steps of each round that it solved.
  package private(set) var iterations = Histogram.iterations
  /// How many agents each certified decision withstands; the last bound is for rosters of any size.
  package private(set) var certified = Histogram(bounds: [0, 1, 2, 3, 4, 5, 7, 10, 20, 50])
  private(set) var missingBlocks = 0
  /// Rounds that were decided faster than they could be counted.
  private(set) var lost = 0
  /// From the start of a round's clock until its verdict was stored.
  private(set) var latency = Histogram.seconds
  private let roster: AgentRoster

  package init(roster: AgentRoster) {
    self.roster = roster
    agents = [Agent](repeating: Agent(), count: roster.count)
  }

  /// Rounds were decided.
  package mutating func count(_ rounds: [DecidedRound], lost: Int) {
    self.lost += lost
    for round in rounds { count(round) }
  }

  private mutating func count(_ round: DecidedRound) {
    if let duration = round.latency { latency.add(duration) }
    missingBlocks += round.verdict.missing.count
    for agent in round.verdict.missing.compactMap(roster.index(of:)) { agents[agent].missing += 1 }
    guard let decision = round.verdict.decision else {
      withoutQuorum += 1
      return
    }
    decided += 1
    if decision.converged == false { unconverged += 1 }
    if let agents = decision.certifiedAgents { certified.add(Double(agents)) }
    if let steps = decision.iterations { iterations.add(Double(steps)) }
    for (agent, residual) in (decision.residuals ?? []).enumerated() {
      if let residual { agents[agent].residuals.add(Double(residual)) }
    }
    for (agent, isSuspect) in (decision.suspects ?? []).enumerated() where isSuspect { agents[agent].suspect += 1 }
  }
}

extension Histogram {
  /// Steps of a solver.
  static var iterations: Histogram { Histogram(bounds: [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 1000]) }
}

import CopurCore
import CopurDashboard
import CopurFusionCenter

/// Agents a, b, c and d, and rounds that they might have had.
struct SampleRounds {
  static let agents = ["a", "b", "c", "d"].map { try! AgentID($0) }

  static func model(labels: [Int]? = nil, agents: [AgentID] = agents) -> DashboardModel {
    DashboardModel(
      name: "toy", agents: agents, classes: ["no", "yes"],
      labels: labels.map { DashboardLabels(source: "a list", values: $0) })
  }

  /// A round.
  ///
  /// - Parameters:
  ///   - missing: Positions of agents that were not heard.
  ///   - suspects: Positions of agents that are suspect; nil: the defence names none.
  static func round(
    _ sample: UInt64, session: String = "s", label: Int? = 1, missing: Set<Int> = [], suspects: Set<Int>? = [],
    residual: Float = 0.25, version: String = "m1", latency: Duration? = .milliseconds(4),
    traceparent: String? = nil, certified: Int? = nil
  ) -> DecidedRound {
    let positions = agents.indices
    let decision = label.map { label in
      Decision(
        label: label, probabilities: label == 1 ? [0.25, 0.75] : [0.75, 0.25],
        residuals: positions.map { missing.contains($0) ? nil : residual },
        suspects: suspects.map { suspects in positions.map { suspects.contains($0) } },
        certifiedAgents: certified)
    }
    return DecidedRound(
      verdict: Verdict(
        session: session, sample: sample, modelVersion: version, defense: "copur",
        contributed: positions.filter { !missing.contains($0) }.map { agents[$0] },
        missing: positions.filter { missing.contains($0) }.map { agents[$0] }, decision: decision,
        traceparent: traceparent),
      latency: latency)
  }
}

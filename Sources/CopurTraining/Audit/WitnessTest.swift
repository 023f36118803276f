internal import CopurCore
internal import CopurNumerics

/// Agents that are the only witness for labels: what a trigger makes of one.
///
/// Of rows that all other agents say are not of a class, some are labelled as it all the same, by noise or by nature. If one
/// agent's blocks tell those from the rest and all other agents' blocks together do not, then what sets the rows apart is in
/// that agent's blocks alone. A state that is real leaves traces with the others, too.
struct WitnessTest {
  let views: AuditViews
  let evidence: AgentEvidence
  let labels: [Int]

  /// The share of denied rows that bear the label in any case, by nature.
  private static let ordinary = 0.04
  /// The fewest rows of each kind.
  private static let fewest = 10
  /// An area under the curve that is over chance: what an agent's own blocks reach at least, by two standard errors, and the
  /// other agents' do not.
  private static let ownLimit = 0.65
  static let othersLimit = 0.70
  private static let gap = 0.10

  /// An agent that alone explains labels.
  struct Suspicion {
    let agent: Int
    let label: Int
    /// The share of all rows that all others deny and bear the label.
    let share: Double
    let own: Double
    let others: Double
    /// The lower bound of the own area.
    let bound: Double
  }

  /// The agents to name, the most suspicious first; at most as many as leave a majority.
  ///
  /// - Throws: `CancellationError`.
  func suspicions() async throws -> [Suspicion] {
    var (active, named) = (Array(0..<views.agents), [Suspicion]())
    while named.count < (views.agents - 1) / 2 {
      let now = active
      let found = try await concurrentMap(0..<now.count) { place in
        try Task.checkCancellation()
        return (0..<views.classes).compactMap { suspicion(of: now[place], label: $0, among: now) }
      }.joined()
      guard let worst = found.max(by: { $0.bound < $1.bound }) else { break }
      named.append(worst)
      active.removeAll { $0 == worst.agent }
    }
    return named
  }

  private func suspicion(of agent: Int, label: Int, among active: [Int]) -> Suspicion? {
    let others = active.filter { $0 != agent }
    guard !others.isEmpty else { return nil }
    let together = evidence.trimmed(others)
    // How much the others prefer the label to all other classes.
    let support = (0..<together.rows).map { row in
      together[row, label]
        - ((0..<together.columns).filter { $0 != label }.map { together[row, $0] }.max() ?? 0)
    }
    let denied = support.indices.filter { support[$0] < 0 && views.presence[agent][$0] }
      .sorted { support[$0] < support[$1] }
    guard denied.count >= 4 * Self.fewest else { return nil }
    let surest = denied.prefix(denied.count / 4)
    let bearing = Double(surest.count { labels[$0] == label })
    let expected = Self.ordinary * Double(surest.count)
    guard bearing >= Double(Self.fewest), bearing - expected >= 2 * (expected * (1 - Self.ordinary)).squareRoot() else {
      return nil
    }
    let rows = denied.prefix(denied.count / 2).sorted()
    let marks = rows.map { labels[$0] == label }
    let marked = marks.count { $0 }
    guard marked >= Self.fewest, marks.count - marked >= Self.fewest else { return nil }
    let name = "witness \(agent), class \(label), of \(active.count)"
    let own = views.area(views.blocks[agent].selecting(rows: rows), marks: marks, trees: 30, purpose: name)
    let bound = own - 2 * Self.deviation(own, marked, marks.count - marked)
    guard bound > Self.ownLimit else { return nil }
    let rest = views.area(
      views.joined(others, rows: rows), marks: marks, trees: 60, purpose: "others than \(name)")
    guard rest < Self.othersLimit, own - rest > Self.gap else { return nil }
    return Suspicion(
      agent: agent, label: label,
      share: Double(denied.count { labels[$0] == label }) / Double(max(1, views.presence[agent].count { $0 })),
      own: own,
      others: rest, bound: bound)
  }

  /// The standard deviation of an area under the curve (Hanley and McNeil 1982).
  private static func deviation(_ area: Double, _ positives: Int, _ negatives: Int) -> Double {
    let (first, second) = (area / (2 - area), 2 * area * area / (1 + area))
    let variance =
      area * (1 - area) + Double(positives - 1) * (first - area * area) + Double(negatives - 1) * (second - area * area)
    return (max(0, variance) / Double(positives * negatives)).squareRoot()
  }
}

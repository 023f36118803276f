internal import CopurCore
internal import CopurNumerics

/// Blocks of an agent that are far from its others while all other agents see nothing unusual.
///
/// A fifth or more of a sensor's rows may be far from its middle by nature: another state of what it measures. Such a state
/// shows with the other agents, too; noise and falsehood do not.
struct BlockTest {
  let views: AuditViews

  /// Multiples of the median distance from the middle beyond which a block is far, tried in turn.
  private static let limits = [2.0, 3, 4, 6]
  /// The fewest far blocks, in number and as a share, and their largest share.
  private static let (fewest, least, most) = (20, 0.02, 0.5)
  /// The number of rows of each kind that are looked at.
  private static let sample = 300

  /// An agent with far blocks that nobody else explains.
  struct Suspicion {
    let agent: Int
    /// The rows with far blocks.
    let rows: [Int]
    let share: Double
    let others: Double
  }

  func suspicion(of agent: Int) -> Suspicion? {
    let present = (0..<views.rows).filter { views.presence[agent][$0] }
    guard present.count >= 100, views.agents > 1 else { return nil }
    let own = views.blocks[agent]
    let middle = (0..<own.columns).map { column in
      let values = present.map { own[$0, column] }.sorted()
      return values[values.count / 2]
    }
    let distances = present.map { row in
      zip(own[row: row], middle).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
    }
    let typical = distances.sorted()[distances.count / 2]
    guard typical > 0 else { return nil }
    let others = (0..<views.agents).filter { $0 != agent }
    for limit in Self.limits {
      let far = present.indices.filter { distances[$0] > limit * typical }
      let share = Double(far.count) / Double(present.count)
      guard far.count >= max(Self.fewest, Int(Self.least * Double(present.count))), share <= Self.most else { continue }
      var generator = SeededGenerator(seed: views.seed, purpose: "audit: far blocks of agent \(agent), \(limit)")
      let isFar = Set(far)
      let near = present.indices.filter { !isFar.contains($0) }
      let chosen =
        far.shuffled(using: &generator).prefix(Self.sample) + near.shuffled(using: &generator).prefix(Self.sample)
      let rows = chosen.map { present[$0] }
      let area = views.area(
        views.joined(others, rows: rows), marks: chosen.map { isFar.contains($0) }, trees: 30,
        purpose: "others than those of far blocks of agent \(agent), \(limit)")
      if area < WitnessTest.othersLimit {
        return Suspicion(agent: agent, rows: far.map { present[$0] }, share: share, others: area)
      }
    }
    return nil
  }
}

/// Attacks that differ in one thing, which is what a curve goes over.
struct AttackFamily {
  /// The one thing in which the attacks differ.
  enum Axis {
    /// Attacks of the same agents that flip more and more strongly (CoPur, figures 2a and 2b).
    case amplification
    /// Attacks of more and more agents that flip, each set within the next (CoPur, figure 3).
    case compromised
  }

  let axis: Axis
  /// In the axis's order; at least two.
  let attacks: [RunResults.Attack]

  /// The families of flipping attacks in a run.
  static func all(among attacks: [RunResults.Attack]) -> [AttackFamily] {
    let flips = attacks.filter { $0.isFlipping && $0.amplification ?? 0 > 0 }
    return amplified(flips) + widened(flips)
  }

  private static func amplified(_ flips: [RunResults.Attack]) -> [AttackFamily] {
    grouped(flips) { [$0.missing.sorted(), $0.compromised.sorted()] }.compactMap { group in
      family(.amplification, group.sorted { ($0.amplification ?? 0) < ($1.amplification ?? 0) }) {
        $0.amplification ?? 0 < $1.amplification ?? 0
      }
    }
  }

  private static func widened(_ flips: [RunResults.Attack]) -> [AttackFamily] {
    grouped(flips) { [$0.missing.sorted(), ["\($0.amplification ?? 0)"]] }.compactMap { group in
      family(.compromised, group.sorted { $0.compromised.count < $1.compromised.count }) {
        Set($0.compromised).isStrictSubset(of: $1.compromised)
      }
    }
  }

  /// The members from the last one down that are each in order with the one after; nil if there are not two.
  private static func family(
    _ axis: Axis, _ sorted: [RunResults.Attack], inOrder: (RunResults.Attack, RunResults.Attack) -> Bool
  ) -> AttackFamily? {
    var members: [RunResults.Attack] = []
    for attack in sorted.reversed() where members.last.map({ inOrder(attack, $0) }) ?? true { members.append(attack) }
    return members.count < 2 ? nil : AttackFamily(axis: axis, attacks: members.reversed())
  }

  private static func grouped(
    _ attacks: [RunResults.Attack], by key: (RunResults.Attack) -> [[String]]
  ) -> [[RunResults.Attack]] {
    var (order, groups): ([[[String]]], [[[String]]: [RunResults.Attack]]) = ([], [:])
    for attack in attacks {
      let key = key(attack)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(attack)
    }
    return order.compactMap { groups[$0] }
  }
}

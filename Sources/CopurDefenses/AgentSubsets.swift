public import CopurNumerics

/// Subsets of K of M agents that vote: all of them where they are few, else a seeded sample.
public struct AgentSubsets: Hashable, Sendable {
  /// The positions of the agents of each subset, ascending.
  public let members: [[Int]]
  /// Whether these are all C(M, K) subsets, each once.
  public let isExhaustive: Bool

  /// Up to how many subsets all are listed.
  public static let exhaustiveLimit = 10_000

  /// - Parameters:
  ///   - agents: M, at least 1.
  ///   - keep: K, from 1 to M.
  ///   - draws: How many subsets are drawn, with replacement, if there are more than ``exhaustiveLimit``; at least 1.
  public init(agents: Int, keep: Int, draws: Int, using generator: inout SeededGenerator) {
    precondition((1...agents).contains(keep) && draws >= 1)
    isExhaustive = Self.isFew(agents: agents, keep: keep)
    members =
      isExhaustive
      ? Self.all(agents: agents, keep: keep)
      : (0..<draws).map { _ in generator.permutation(agents).prefix(keep).sorted() }
  }

  /// Whether C(M, K) is at most ``exhaustiveLimit``, without numbers that grow beyond it.
  static func isFew(agents: Int, keep: Int) -> Bool {
    var count = 1
    for taken in 0..<min(keep, agents - keep) {
      // A product of consecutive binomials is whole at each step.
      count = count * (agents - taken) / (taken + 1)
      if count > exhaustiveLimit { return false }
    }
    return true
  }

  /// All subsets in lexicographic order.
  package static func all(agents: Int, keep: Int) -> [[Int]] {
    var current = Array(0..<keep)
    var all = [current]
    while let position = current.indices.last(where: { current[$0] < agents - keep + $0 }) {
      current[position] += 1
      for next in current.indices.dropFirst(position + 1) { current[next] = current[next - 1] + 1 }
      all.append(current)
    }
    return all
  }
}

internal import CopurCore

/// The power of alarms over consecutive samples to tell who lies, over all pairs of an agent that spoke and a sample.
public struct AlarmRates: Hashable, Sendable {
  /// The fraction of the pairs whose agent lied at which its alarm stood; nil if nobody lies.
  public var recall: Double?
  /// The fraction of the pairs whose agent was honest at which its alarm stood; nil if there is no such pair.
  public var falseRate: Double?

  /// Fractions from 0 to 1, each nil where it is not defined.
  public init(recall: Double? = nil, falseRate: Double? = nil) {
    self.recall = recall
    self.falseRate = falseRate
  }

  /// Runs the monitor over samples in their order.
  ///
  /// - Parameters:
  ///   - limits: Of ``AlarmMonitor``, one an agent.
  ///   - named: For each sample whether each agent is suspect; nil where there was no verdict or the defence names none.
  ///   - observed: Whether an agent sent something for a sample: [n, M], row-major.
  ///   - lied: Whether an agent sent an adversarial embedding of a sample: [n, M], row-major.
  /// - Returns: Nil if the defence names none.
  public static func of(limits: [Int], named: [[Bool]?], observed: [Bool], lied: [Bool]) -> AlarmRates? {
    guard named.contains(where: { $0 != nil }) else { return nil }
    let agents = limits.count
    precondition(observed.count == named.count * agents && lied.count == observed.count)
    var monitor = AlarmMonitor(limits: limits)
    var (hits, lies, alarms, honest) = (0, 0, 0, 0)
    for (sample, suspects) in named.enumerated() {
      let standing = monitor.judged((0..<agents).map { observed[sample * agents + $0] ? suspects?[$0] : nil })
      for agent in 0..<agents where observed[sample * agents + agent] {
        if lied[sample * agents + agent] {
          lies += 1
          hits += standing[agent] ? 1 : 0
        } else {
          honest += 1
          alarms += standing[agent] ? 1 : 0
        }
      }
    }
    func rate(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
    return AlarmRates(recall: rate(hits, of: lies), falseRate: rate(alarms, of: honest))
  }
}

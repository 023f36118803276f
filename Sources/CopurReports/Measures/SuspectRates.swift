/// The agreement of the agents that a defence names suspect with those that lied, over all pairs of an agent and a sample.
public struct SuspectRates: Hashable, Sendable {
  /// The fraction of the named pairs whose agent did send an adversarial embedding; nil if nobody lies or none is named.
  public var precision: Double?
  /// The fraction of the pairs whose agent sent an adversarial embedding that are named; nil if nobody lies.
  public var recall: Double?
  /// The fraction of the pairs whose agent sent an honest embedding that are named; nil if there is no such pair.
  public var falseAlarmRate: Double?

  /// Fractions from 0 to 1, each nil where it is not defined.
  public init(precision: Double? = nil, recall: Double? = nil, falseAlarmRate: Double? = nil) {
    self.precision = precision
    self.recall = recall
    self.falseAlarmRate = falseAlarmRate
  }

  /// Counts the pairs. A sample without a verdict names nobody.
  ///
  /// - Parameters:
  ///   - named: For each sample whether each agent is suspect; nil where there was no verdict or the defence names none.
  ///   - observed: Whether an agent sent something for a sample: [n, M], row-major.
  ///   - lied: Whether an agent sent an adversarial embedding of a sample: [n, M], row-major.
  /// - Returns: Nil if the defence names none.
  public static func of(named: [[Bool]?], observed: [Bool], lied: [Bool]) -> SuspectRates? {
    guard let agents = named.lazy.compactMap({ $0?.count }).first else { return nil }
    precondition(observed.count == named.count * agents && lied.count == observed.count)
    var (hits, lies, alarms, honest) = (0, 0, 0, 0)
    for (sample, suspects) in named.enumerated() {
      for agent in 0..<agents where observed[sample * agents + agent] {
        let isNamed = suspects?[agent] ?? false
        if lied[sample * agents + agent] {
          lies += 1
          hits += isNamed ? 1 : 0
        } else {
          honest += 1
          alarms += isNamed ? 1 : 0
        }
      }
    }
    func rate(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
    return SuspectRates(
      precision: lies == 0 ? nil : rate(hits, of: hits + alarms), recall: rate(hits, of: lies),
      falseAlarmRate: rate(alarms, of: honest))
  }
}

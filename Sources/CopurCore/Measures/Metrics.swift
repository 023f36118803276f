/// Measures of predictions: how many are right, and how many were led astray.
///
/// A prediction is nil where there was no verdict; that is never right.
public enum Metrics {
  /// The fraction of samples predicted right.
  ///
  /// - Parameters:
  ///   - labels: The true classes; at least one.
  ///   - predictions: A prediction for each.
  public static func accuracy(labels: [Int], predictions: [Int?]) -> Double {
    precondition(!labels.isEmpty && labels.count == predictions.count)
    return Double(zip(labels, predictions).count { $0 == $1 }) / Double(labels.count)
  }

  /// The mean of the recalls of the classes that occur among the labels.
  ///
  /// - Parameters:
  ///   - labels: The true classes; at least one.
  ///   - predictions: A prediction for each.
  public static func balancedAccuracy(labels: [Int], predictions: [Int?]) -> Double {
    precondition(!labels.isEmpty && labels.count == predictions.count)
    var counts: [Int: (right: Int, all: Int)] = [:]
    for (label, prediction) in zip(labels, predictions) {
      counts[label, default: (0, 0)].all += 1
      if label == prediction { counts[label, default: (0, 0)].right += 1 }
    }
    // In the classes' order, so that equal predictions give equal bits.
    let recalls = counts.sorted { $0.key < $1.key }.map { Double($0.value.right) / Double($0.value.all) }
    return recalls.reduce(0, +) / Double(recalls.count)
  }

  /// The fraction of the most frequent class: what a constant guess reaches.
  ///
  /// - Parameter labels: The true classes; at least one.
  public static func majorityRate(labels: [Int]) -> Double {
    precondition(!labels.isEmpty)
    let counts = labels.reduce(into: [:]) { counts, label in counts[label, default: 0] += 1 }
    return Double(counts.values.max() ?? 0) / Double(labels.count)
  }

  /// The rate at which an attack got what it wanted: its target, or without one any class but the true one.
  ///
  /// Samples whose true class is the target are left out: there the attack has nothing to win, and counting them as its
  /// success would flatter it.
  ///
  /// - Parameters:
  ///   - labels: The true classes.
  ///   - predictions: A prediction for each.
  ///   - targets: The class wanted for each sample; nil where any wrong one will do.
  /// - Returns: Nil if no sample is left.
  public static func attackSuccessRate(labels: [Int], predictions: [Int?], targets: [Int?]) -> Double? {
    precondition(labels.count == predictions.count && labels.count == targets.count)
    var (successes, attempts) = (0, 0)
    for ((label, prediction), target) in zip(zip(labels, predictions), targets) where target != label {
      attempts += 1
      guard let prediction else { continue }
      if let target { successes += prediction == target ? 1 : 0 } else { successes += prediction != label ? 1 : 0 }
    }
    return attempts == 0 ? nil : Double(successes) / Double(attempts)
  }

  /// The gain of an attack over no attack: ``attackSuccessRate(labels:predictions:targets:)`` among the samples on which it
  /// does not have what it wants when nobody is attacked, so that what was wrong anyhow is no merit of it.
  ///
  /// - Parameters:
  ///   - labels: The true classes.
  ///   - predictions: A prediction for each under the attack; nil where there was no verdict, which is no success.
  ///   - clean: A prediction for each when nobody is attacked.
  ///   - targets: The class wanted for each sample; nil where any wrong one will do.
  /// - Returns: Nil if no sample is left.
  public static func attackGain(labels: [Int], predictions: [Int?], clean: [Int], targets: [Int?]) -> Double? {
    precondition(labels.count == clean.count && labels.count == targets.count)
    let open = labels.indices.filter { sample in
      targets[sample].map { clean[sample] != $0 } ?? (clean[sample] == labels[sample])
    }
    return attackSuccessRate(
      labels: open.map { labels[$0] }, predictions: open.map { predictions[$0] }, targets: open.map { targets[$0] })
  }
}

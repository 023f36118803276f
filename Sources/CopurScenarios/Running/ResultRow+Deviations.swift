internal import CopurCore
internal import CopurReports

extension ResultRow {
  /// Adds how far accuracy and balanced accuracy can be off for being measured on these samples and no others.
  ///
  /// - Parameters:
  ///   - labels: The true classes, in the order of time; at least one.
  ///   - predictions: A prediction for each; nil where there was no verdict.
  mutating func estimateDeviations(labels: [Int], predictions: [Int?]) {
    let right = zip(labels, predictions).map { $0 == $1 }
    let bootstrap = RunBootstrap()
    accuracyDeviation = bootstrap.accuracy(right).deviation
    balancedAccuracyDeviation = bootstrap.balancedAccuracy(right, labels: labels).deviation
  }
}

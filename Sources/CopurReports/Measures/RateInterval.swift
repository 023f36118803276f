internal import Foundation

/// The 95 % interval of a rate that was measured on some samples, with one seed or several.
///
/// Its variance is that of the samples, found by a bootstrap over runs of consecutive ones where rows have it, and that of
/// the seeds together: where the rate of another training on other samples of the kind would lie. It is never narrower than
/// Wilson's interval (1927) of samples that do not depend on one another, which has a width even where all of them agree.
package struct RateInterval: Hashable {
  /// The rate of one seed.
  package struct Measurement {
    package var rate: Double
    /// The standard deviation over samples of the kind; nil if it is not known.
    package var deviation: Double?
    /// The number of samples that the rate is of.
    package var samples: Int

    package init(rate: Double, deviation: Double?, samples: Int) {
      self.rate = rate
      self.deviation = deviation
      self.samples = samples
    }
  }

  /// The rate: the mean over the seeds.
  package let rate: Double
  package let lower: Double
  package let upper: Double

  /// The two-sided 95 % quantile of the normal distribution.
  private static let quantile = 1.959964

  /// - Parameter seeds: One a seed; nil if there is none.
  package init?(_ seeds: [Measurement]) {
    guard !seeds.isEmpty else { return nil }
    let rates = Summary(seeds.map(\.rate))
    let within = seeds.reduce(0) { sum, seed in
      let deviation = seed.deviation ?? (seed.rate * (1 - seed.rate) / Double(max(1, seed.samples))).squareRoot()
      return sum + deviation * deviation / Double(seeds.count)
    }
    let between = rates.deviation.map { $0 * $0 } ?? 0
    let half = Self.quantile * (within + between).squareRoot()
    // All seeds are measured on the same samples.
    let samples = Double(max(1, seeds.map(\.samples).min() ?? 1))
    let square = Self.quantile * Self.quantile
    let center = (rates.mean + square / (2 * samples)) / (1 + square / samples)
    let wilson =
      Self.quantile * (rates.mean * (1 - rates.mean) / samples + square / (4 * samples * samples)).squareRoot()
      / (1 + square / samples)
    rate = rates.mean
    lower = max(0, min(rates.mean - half, center - wilson))
    upper = min(1, max(rates.mean + half, center + wilson))
  }

  /// In percent: `63.4 to 69.6`.
  var words: String { "\(Number.percent(lower)) to \(Number.percent(upper))" }
}

extension RunResults {
  /// The interval of the accuracy of a defence under an attack; nil if it was not measured.
  func interval(_ attack: Attack, _ defense: String) -> RateInterval? {
    RateInterval(
      rows(attack, defense).map { row in
        RateInterval.Measurement(rate: row.accuracy, deviation: row.accuracyDeviation, samples: row.n)
      })
  }
}

extension CertificateResults {
  /// The interval of what is certified of a defence; nil if nothing was looked at.
  func interval(_ defense: String, _ compromised: CertificateRow.Compromised) -> RateInterval? {
    RateInterval(
      rows.filter { $0.defense == defense && $0.compromised == compromised }.map { row in
        RateInterval.Measurement(rate: row.certified.value, deviation: row.certified.deviation, samples: row.n)
      })
  }
}

/// A defence's certificates in two runs.
public struct PairedCertificate: Hashable, Sendable, Encodable {
  /// The defence's name.
  public var defense: String
  /// Whom the certificates are against, in words.
  public var compromised: String
  /// The seeds that both runs have.
  public var seeds: [UInt64]
  /// The first run's certified accuracy, mean over the seeds.
  public var first: Double
  /// The second run's certified accuracy.
  public var second: Double
  /// The difference of certified accuracies, over seeds.
  public var certified: PairedDifference
  /// The difference of balanced certified accuracies, over seeds.
  public var certifiedBalanced: PairedDifference

  /// - Parameter pairs: The rows of each seed in both runs; at least one.
  init(_ pairs: [(first: CertificateRow, second: CertificateRow)]) {
    let row = pairs[0].first
    (defense, compromised, seeds) = (row.defense, row.compromised.words, pairs.map(\.first.seed))
    first = Summary(pairs.map(\.first.certifiedAccuracy)).mean
    second = Summary(pairs.map(\.second.certifiedAccuracy)).mean
    certified = PairedDifference(overSeeds: pairs.map { $0.second.certifiedAccuracy - $0.first.certifiedAccuracy })
    certifiedBalanced = PairedDifference(
      overSeeds: pairs.map { $0.second.certifiedBalanced.value - $0.first.certifiedBalanced.value })
  }
}

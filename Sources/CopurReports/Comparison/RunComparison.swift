internal import CopurCore
public import Foundation

/// Two runs on the same test rows: how far apart each attack leaves each defence.
public struct RunComparison: Sendable, Encodable {
  /// One of the two.
  public struct Side: Hashable, Sendable, Encodable {
    /// The folder.
    public var folder: String
    /// The scenario, with the point of a sweep.
    public var scenario: String
    /// The version of the program.
    public var copurVersion: String
    /// The commit of the program; nil where it is not known.
    public var commit: String?
    /// The seeds.
    public var seeds: [UInt64]

    init(_ run: ComparedRun) {
      (folder, scenario, seeds) = (run.name, run.record.title, run.record.seeds)
      (copurVersion, commit) = (run.record.copurVersion, run.record.commit)
    }
  }

  /// The first run.
  public let first: Side
  /// The second run.
  public let second: Side
  /// The data set's name.
  public let dataset: String
  /// The number of test rows.
  public let testRows: Int
  /// Each attack against each defence that both have measured, in the first run's order.
  public private(set) var measurements: [PairedMeasurement] = []
  /// The certificates that both have.
  public private(set) var certificates: [PairedCertificate] = []
  /// The measurements that only the first run has, in words.
  public private(set) var onlyInFirst: [String] = []
  /// The measurements that only the second run has, in words.
  public private(set) var onlyInSecond: [String] = []

  /// Compares two folders of runs.
  ///
  /// - Throws: ``CopurError``: `.invalidArgument` if their test rows are not the same, or they have no measurement in common;
  ///   what reading them throws.
  public init(_ first: URL, _ second: URL) throws {
    for folder in [first, second] where SweepRecord.isThere(in: folder) {
      throw CopurError(
        .invalidArgument,
        "\(folder.relativePath): runs are compared, and this is a sweep: name one of its points, such as "
          + "\(folder.relativePath)/\(SweepFolder.pointsName)/NAME")
    }
    let (one, other) = (try ComparedRun(reading: first), try ComparedRun(reading: second))
    try one.requireSameRows(as: other)
    (self.first, self.second) = (Side(one), Side(other))
    (dataset, testRows) = (one.record.dataset, one.record.testRows)
    try compareResults(one, other)
    compareCertificates(one, other)
    guard !measurements.isEmpty || !certificates.isEmpty else {
      throw CopurError(
        .invalidArgument,
        "\(one.name), \(other.name): runs are compared by attacks and defences of the same names and seeds (in common: none)"
      )
    }
  }

  private mutating func compareResults(_ one: ComparedRun, _ other: ComparedRun) throws {
    func trial(_ row: ResultRow) -> PairedMeasurement.Trial {
      PairedMeasurement.Trial(seed: row.seed, attack: row.attack, defense: row.defense)
    }
    let theirs = Dictionary(other.rows.map { (trial($0), $0) }, uniquingKeysWith: { first, _ in first })
    let own = Set(one.rows.map(trial))
    func words(_ rows: [ResultRow], without known: (PairedMeasurement.Trial) -> Bool) -> [String] {
      rows.filter { !known(trial($0)) }.map { "\($0.attack) against \($0.defense), seed \($0.seed)" }
    }
    onlyInFirst = words(one.rows) { theirs[$0] != nil }
    onlyInSecond = words(other.rows) { own.contains($0) }
    let results = RunResults(one.rows)
    for attack in results.attacks {
      for defense in results.defenses {
        let pairs = results.rows(attack, defense).compactMap { row in theirs[trial(row)].map { (row, $0) } }
        guard !pairs.isEmpty else { continue }
        for (row, their) in pairs where row.n != their.n {
          throw CopurError(
            .invalidArgument,
            "runs are compared on the same test rows (\(row.attack) against \(row.defense): \(row.n), \(their.n))")
        }
        var measurement = PairedMeasurement(pairs)
        let predictions = pairs.compactMap { row, _ in
          one.predictions?[trial(row)].flatMap { first in
            other.predictions?[trial(row)].map { (first: first, second: $0) }
          }
        }
        if predictions.count == pairs.count { try measurement.use(predictions) }
        measurements.append(measurement)
      }
    }
  }

  private mutating func compareCertificates(_ one: ComparedRun, _ other: ComparedRun) {
    struct Key: Hashable {
      let seed: UInt64
      let defense: String
      let compromised: CertificateRow.Compromised

      init(_ row: CertificateRow) { (seed, defense, compromised) = (row.seed, row.defense, row.compromised) }
      var words: String { "certificates of \(defense) against \(compromised.words), seed \(seed)" }
    }
    let theirs = Dictionary(other.certificates.map { (Key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let own = Set(one.certificates.map(Key.init))
    onlyInFirst += one.certificates.map(Key.init).filter { theirs[$0] == nil }.map(\.words)
    onlyInSecond += other.certificates.map(Key.init).filter { !own.contains($0) }.map(\.words)
    var order: [[String]] = []
    var pairs: [[String]: [(first: CertificateRow, second: CertificateRow)]] = [:]
    for row in one.certificates {
      guard let their = theirs[Key(row)] else { continue }
      let place = [row.defense, row.compromised.words]
      if pairs[place] == nil { order.append(place) }
      pairs[place, default: []].append((row, their))
    }
    certificates = order.compactMap { pairs[$0].map { PairedCertificate($0) } }
  }

  /// The comparison as JSON that ends in a line feed.
  ///
  /// - Throws: ``CopurError`` of code `.software` if a number is not finite.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n" } catch {
      throw CopurError(.software, "a comparison is written as JSON", cause: error)
    }
  }
}

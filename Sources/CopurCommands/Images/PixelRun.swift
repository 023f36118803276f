import CopurCore
import CopurDatasets
import CopurImages
import CopurLearning
import CopurNumerics
import Foundation

/// The work of `copur certify pixels`: training, certificates and attacks, one defence after the other.
struct PixelRun: Sendable {
  /// A family of defences.
  enum Defense: String, CaseIterable, Sendable, Codable {
    /// A network that sees k random pixels.
    case ablation
    /// Submodels with pixels of their own.
    case partition
    /// Submodels with pixels of their own in four agents.
    case quadrants
  }

  /// The name of a ``NullEncoding``.
  enum Encoding: String, CaseIterable, Sendable, Codable {
    /// s and 1 − s, NULL as 0 and 0.
    case twoChannel = "two-channel"
    /// NULL as the mean of the training pictures.
    case mean
  }

  /// The settings of ablation.
  struct Ablation: Equatable, Sendable, Codable {
    var keep = 45
    var encoding = Encoding.twoChannel
    var epochs = 30
    var schedule = AblatedPixelTraining.Schedule.oneCycle
    var rate: Float = 0.05
    var warmUp = 0
    var draws = 10_000
  }

  /// The settings of partitions.
  struct Partition: Equatable, Sendable, Codable {
    var parts = 60
    var quadrantParts = 9
    var epochs = 8
    /// Nil for the threat that suits each.
    var turned: Int?
  }

  /// The settings of the pointwise attack.
  struct Attack: Sendable {
    /// The number of test pictures that are attacked; 0 for none.
    var pictures: Int
    var restarts: Int
    /// Votes of ablation in an evaluation.
    var draws: Int
  }

  let data: Pictures
  /// The folder that training and votes are kept in; nil for none.
  let folder: URL?
  let seed: UInt64
  /// The number of test pictures that ablation certifies.
  let images: Int
  let attack: Attack
  var ablation = Ablation()
  var partition = Partition()

  private var shape: ImageShape { ImageShape(rows: data.rows, columns: data.columns, channels: data.channels) }

  /// - Throws: ``CopurError`` if a setting does not fit the pictures; `CancellationError`.
  func run(_ defenses: [Defense]) throws -> PixelResults {
    try claimFolder(for: defenses)
    var results = PixelResults(
      dataset: data.name, digest: data.digest, trainRows: data.train.count, seed: seed, images: images,
      majority: PixelTable.Share(count: majority, total: data.test.count))
    for defense in Defense.allCases where defenses.contains(defense) {
      switch defense {
      case .ablation: try runAblation(into: &results)
      case .partition: try runPartitions(.partition, into: &results)
      case .quadrants: try runPartitions(.quadrants, into: &results)
      }
    }
    return results
  }

  /// The settings that a folder belongs to. How many pictures are certified and attacked may grow from run to run.
  private struct Claim: Equatable, Codable {
    /// The digest of all pictures.
    var pictures: String
    var seed: UInt64
    var defenses: [Defense]
    var ablation: Ablation
    var partition: Partition
  }

  /// Writes down what the folder holds, so that nothing of other pictures or settings is gone on with or written over.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if it belongs to a run by other settings.
  private func claimFolder(for defenses: [Defense]) throws {
    guard let file = folder?.appending(path: "settings.json") else { return }
    let claim = Claim(
      pictures: data.digest, seed: seed, defenses: Defense.allCases.filter(defenses.contains), ablation: ablation,
      partition: partition)
    if FileManager.default.fileExists(atPath: file.path) {
      guard let kept = try? JSONDecoder().decode(Claim.self, from: Data(contentsOf: file)), kept == claim else {
        throw CopurError(
          .configuration,
          "\(file.path) is of a run on other pictures or by other settings: name another folder with --out")
      }
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try DurableFile.write(encoder.encode(claim), to: file, permissions: 0o644)
  }

  /// The number of test pictures of the class that most training pictures have.
  private var majority: Int {
    var counts = [Int](repeating: 0, count: data.classNames.count)
    for label in data.train.labels { counts[label] += 1 }
    let label = counts.firstIndex(of: counts.max() ?? 0) ?? 0
    return data.test.labels.count { $0 == label }
  }

  // MARK: Ablation

  private func runAblation(into results: inout PixelResults) throws {
    let start = ContinuousClock.now
    let training = try trainAblation()
    let trained = ContinuousClock.now
    let model = training.model
    let tested = data.test.features.selecting(rows: 0..<images)
    let labels = Array(data.test.labels.prefix(images))
    let voting = AblatedPixels.Voting(choosing: max(1, ablation.draws / 10), bounding: ablation.draws, seed: seed)
    let votes = try PixelVoteFile(folder: folder, training: training, voting: voting).votes(of: images) { number in
      try model.votes(tested.selecting(rows: [number]), numbers: [number], by: voting)[0]
    }
    let certified = ContinuousClock.now
    let settings =
      "k = \(ablation.keep), NULL as \(ablation.encoding.rawValue), \(training.epoch) epochs (\(ablation.schedule.rawValue)), "
      + "\(ablation.draws) votes"
    for rule in AblationCertificate.Rule.allCases {
      let outcomes = model.certify(votes, labels: labels, by: rule)
      var line = PixelResults.Line(
        defense: "ablation, \(rule == .majority ? "corollary 1" : "corollary 2")", settings: settings,
        threat: .anywhere, outcomes: outcomes, predictions: zip(votes, labels).map { $0.outcome(label: $1) },
        confidence: 0.95, trainSeconds: seconds(start, trained), certifySeconds: seconds(trained, certified))
      if attack.pictures > 0, rule == .margin {
        try play(on: &line, countsAbstention: false) { number in
          (
            model.victim(draws: attack.draws, seed: seed &+ 1, number: number),
            model.victim(draws: attack.draws, seed: seed &+ 2, number: number)
          )
        }
      }
      results.lines.append(line)
    }
  }

  /// The training after its last epoch, from where an earlier run left it.
  private func trainAblation() throws -> AblatedPixelTraining {
    var settings = AblatedPixelTraining.Settings(
      shape: shape, classes: data.classNames.count, keep: ablation.keep,
      encoding: ablation.encoding == .mean
        ? .mean(AblatedPixelTraining.means(of: data.train.features, shape: shape)) : .twoChannel)
    settings.epochs = ablation.epochs
    settings.schedule = ablation.schedule
    settings.rate = ablation.rate
    settings.warmUpSteps = ablation.warmUp
    settings.seed = seed
    let file = folder?.appending(path: "ablation.training")
    var training = try AblatedPixelTraining(settings)
    if let file, FileManager.default.fileExists(atPath: file.path) {
      let kept = try AblatedPixelTraining(reading: file)
      guard kept.settings == settings else {
        throw CopurError(
          .configuration,
          "\(file.path) is a training by other settings: name another folder with --out, or the same ones")
      }
      training = kept
      Terminal.report("ablation: goes on after epoch \(training.epoch)")
    }
    while !training.isComplete {
      let start = ContinuousClock.now
      let loss = try training.runEpoch(data.train.features, labels: data.train.labels)
      Terminal.report(
        "ablation: epoch \(training.epoch) of \(settings.epochs), loss \(Self.text(loss)), "
          + "\(Self.text(Float(seconds(start, .now)))) s")
      if let file { try training.save(to: file) }
    }
    return training
  }

  // MARK: Partitions

  private func runPartitions(_ defense: Defense, into results: inout PixelResults) throws {
    let isWhole = defense == .partition
    // A sixth of the submodels against an attacker on the whole picture, half of its own against one on an agent.
    let turned = partition.turned ?? (isWhole ? max(1, partition.parts / 6) : max(1, partition.quadrantParts / 2))
    var settings =
      isWhole
      ? PartitionSettings(shape: shape, classes: data.classNames.count, submodels: partition.parts)
      : PartitionSettings(
        shape: shape, classes: data.classNames.count, agents: shape.quadrants,
        counts: shape.quadrants.map { min(partition.quadrantParts, max(1, $0.count)) })
    if isWhole { settings.dealing = .random }
    settings.turned = turned == 0 ? nil : turned
    settings.epochs = partition.epochs
    settings.seed = seed
    let start = ContinuousClock.now
    let model = try PixelPartition.trained(settings, on: data.train.features, labels: data.train.labels) {
      epoch, loss in
      Terminal.report("\(defense.rawValue): epoch \(epoch) of \(settings.epochs), loss \(Self.text(loss))")
    }
    let trained = ContinuousClock.now
    if let folder { try model.save(to: folder.appending(path: "\(defense.rawValue).safetensors")) }
    let threat: PixelPartition.Threat = isWhole ? .anywhere : .anyAgent
    let words =
      (isWhole ? "\(partition.parts) submodels" : "4 × \(partition.quadrantParts) submodels")
      + ", \(settings.epochs) epochs, trained " + (turned == 0 ? "one by one" : "against \(turned) turned ones")
    for rule in PixelPartition.Rule.allCases {
      let began = ContinuousClock.now
      let outcomes = model.certify(data.test.features, labels: data.test.labels, by: rule, against: threat)
      var line = PixelResults.Line(
        defense: "\(defense.rawValue), \(rule.rawValue)", settings: words, threat: isWhole ? .anywhere : .oneAgent,
        wholeAgent: isWhole ? nil : shape.quadrants.map(\.count).max(),
        outcomes: outcomes, predictions: nil, confidence: nil, trainSeconds: seconds(start, trained),
        certifySeconds: seconds(began, .now))
      if attack.pictures > 0 {
        let victim = model.victim(by: rule)
        // Against agents each quarter in turn; the least change of all counts.
        try play(on: &line, within: isWhole ? [nil] : shape.quadrants, countsAbstention: true) { _ in (victim, victim) }
      }
      results.lines.append(line)
    }
  }

  // MARK: Attack

  /// Plays the pointwise attack on the first test pictures.
  ///
  /// - Parameters:
  ///   - regions: The pixels that may be changed, region by region; nil for all.
  ///   - victims: Who decides during the attack, and who judges its result, by the picture's number.
  private func play(
    on line: inout PixelResults.Line, within regions: [[Int]?] = [nil], countsAbstention: Bool,
    victims: (Int) -> (PixelVictim, PixelVictim)
  ) throws {
    var best: [PixelAttackResult] = []
    // Pictures to start from are training pictures: the attacker has no others.
    let others = data.train.features.selecting(rows: 0..<min(1000, data.train.count))
    let otherLabels = Array(data.train.labels.prefix(others.rows))
    for number in 0..<attack.pictures {
      let (victim, judge) = victims(number)
      var least: PixelAttackResult?
      for region in regions {
        var attack = PointwiseAttack(shape, pixels: region)
        attack.restarts = self.attack.restarts
        attack.seed = seed
        let result = try attack.attack(
          victim, judge: judge, picture: Array(data.test.features[row: number]), label: data.test.labels[number],
          number: number, others: (others, otherLabels))
        if least == nil || (result.changed?.count ?? .max) < (least?.changed?.count ?? .max) { least = result }
      }
      if let least { best.append(least) }
      Terminal.report("\(line.defense): attack \(number + 1) of \(attack.pictures)")
    }
    line.attacked = best.map { $0.changed?.count }
    line.medianAttacked = PixelAttackResult.medianChanged(best)
    line.contradictions = PixelAttackResult.contradictions(
      best, of: line.outcomes, countsAbstention: countsAbstention)
  }

  private func seconds(_ start: ContinuousClock.Instant, _ end: ContinuousClock.Instant) -> Double {
    start.duration(to: end) / .seconds(1)
  }

  private static func text(_ value: Float) -> String { String(format: "%.3f", value) }
}

public import ArgumentParser
import CopurCore
import CopurDatasets
import CopurNumerics
public import CopurRobustLearning
import Foundation

/// `copur study`: one network under wrong targets, labels or triggers, by several rules.
struct StudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Compare ways to train one network, on corrupted rows or against attacks.",
    discussion: """
      Each rule trains on the same corrupted rows; figures are the mean of the last ten epochs on clean test rows, mean and \
      standard deviation over seeds, each of which has corrupted rows and first weights of its own.

      Examples:
        copur study regression satellite.npz --targets 10 --corruption linadv --share 0.4 --seeds 3
        copur study labels mnist --corruption pairflip --share 0.45 --seeds 3
        copur study labels mnist --corruption blend --share 0.25 --inner-step 0.05 --seeds 3
        copur study carso fashion-mnist
      """,
    subcommands: [StudyRegressionCommand.self, StudyLabelsCommand.self, StudyCARSOCommand.self])
}

extension LearningRule: ExpressibleByArgument {}
extension RegressionStudy.Corruption: ExpressibleByArgument {}
extension ClassificationStudy.Corruption: ExpressibleByArgument {}

/// Options that both studies have.
struct StudyOptions: ParsableArguments {
  @Option(name: .customLong("rule"), help: "A rule; may be repeated. All that suit, if left out.")
  var rules: [LearningRule] = []
  @Option(help: "The share of the training rows that is corrupted.") var share = 0.4
  @Option(
    help: ArgumentHelp("The share that rules leave out; that which is corrupted, if left out.", valueName: "share"))
  var leftOut: Double?
  @Option(help: "How many seeds.") var seeds = 1
  @Option(help: "Passes over the rows.") var epochs: Int?
  @Option(help: "The width of the two hidden layers.") var hidden = 256

  func validate() throws {
    for (name, value) in [("--share", share), ("--left-out", leftOut ?? 0)] where !(0..<1).contains(value) {
      throw ValidationError("\(name) is from 0 to under 1 (actual: \(value))")
    }
    guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is 1 to 1000 (actual: \(seeds))") }
    guard (1...100_000).contains(epochs ?? 1) else { throw ValidationError("--epochs is 1 to 100000") }
    guard (1...1 << 14).contains(hidden) else { throw ValidationError("--hidden is 1 to 16384 (actual: \(hidden))") }
  }

  /// The rules to compare, those that suit the targets.
  func chosen(forClasses: Bool) throws -> [LearningRule] {
    if let wrong = rules.first(where: { $0.isForClasses == !forClasses }) {
      throw CopurError(
        .invalidArgument, "rule \(wrong.rawValue) is for \(forClasses ? "numbers" : "classes"), not these targets")
    }
    return rules.isEmpty ? LearningRule.allCases.filter { $0.isForClasses != !forClasses } : rules
  }

  func settings(epochs: Int, batch: Int, learningRate: Float) -> StudySettings {
    var settings = StudySettings(
      epochs: self.epochs ?? epochs, batch: batch, learningRate: learningRate, share: leftOut ?? share)
    settings.hidden = hidden
    return settings
  }

  /// Figures of each rule and seed, computed side by side.
  func measure(
    _ rules: [LearningRule], _ body: @escaping @Sendable (LearningRule, UInt64) throws -> [Double]
  ) async throws -> [[[Double]]] {
    let jobs = rules.indices.flatMap { rule in (0..<seeds).map { (rule, $0) } }
    return try await withThrowingTaskGroup(of: (Int, Int, [Double]).self) { group in
      var (next, results) = (0, rules.map { _ in [[Double]](repeating: [], count: seeds) })
      func start() {
        guard next < jobs.count else { return }
        let (rule, seed) = jobs[next]
        next += 1
        group.addTask { (rule, seed, try body(rules[rule], UInt64(seed))) }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { start() }
      while let (rule, seed, figures) = try await group.next() {
        results[rule][seed] = figures
        start()
      }
      return results
    }
  }

  /// A figure over seeds.
  static func summary(_ values: [Double], scale: Double, digits: Int) -> String {
    let mean = values.reduce(0, +) / Double(values.count)
    func text(_ value: Double) -> String { String(format: "%.\(digits)f", scale * value) }
    guard values.count > 1 else { return text(mean) }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return "\(text(mean)) ± \(text((squares / Double(values.count - 1)).squareRoot()))"
  }
}

/// `copur study regression`.
struct StudyRegressionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regression", abstract: "The last columns of a table, predicted by the others, with corrupted targets."
  )

  @Argument(help: "The table, a CSV file of numbers or an NPZ file with the array X.") var table: String
  @Option(help: "How many of the last columns are predicted.") var targets = 1
  @Option(help: "What becomes of a corrupted target.") var corruption: RegressionStudy.Corruption = .linadv
  @OptionGroup var options: StudyOptions

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let rows = try NumberFile(reading: table).rows
      guard rows.rows >= 10, (1..<max(2, rows.columns)).contains(targets), rows.columns > targets,
        rows.values.allSatisfy({ $0.isFinite })
      else {
        throw CopurError(
          .invalidArgument,
          "a table has at least 10 rows, no missing values, and more columns than targets (actual: \(rows.rows) × "
            + "\(rows.columns), targets: \(targets))")
      }
      let rules = try options.chosen(forClasses: false)
      let settings = options.settings(epochs: 60, batch: 512, learningRate: 3e-4)
      let (corruption, share, targets) = (corruption, options.share, targets)
      let figures = try await options.measure(rules) { rule, seed in
        [
          try RegressionStudy(rows, targets: targets, seed: seed).run(
            rule, corruption: corruption, share: share, settings: settings, seed: seed)
        ]
      }
      var lines = [["rule", "R²"]]
      for (rule, seeds) in zip(rules, figures) {
        lines.append([rule.rawValue, StudyOptions.summary(seeds.map { $0[0] }, scale: 1, digits: 3)])
      }
      try Terminal.print(AlignedRows(lines).text, terminator: "")
    }
  }
}

/// `copur study labels`.
struct StudyLabelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels", abstract: "Pictures with wrong labels, or with a trigger in some training rows.")

  @Argument(help: "mnist or fashion-mnist.") var dataset = "mnist"
  @Option(help: "What is done to training rows.") var corruption: ClassificationStudy.Corruption = .pairflip
  @Option(help: "How many training rows.") var rows = 5000
  @Option(
    help: ArgumentHelp(
      "The size of a step against the network before each step of the training, on inputs from 0 to 1.",
      valueName: "size"))
  var innerStep: Float?
  @Flag(help: "Whether that step is the same for all rows of a mini-batch.") var sharedStep = false
  @OptionGroup var options: StudyOptions
  @OptionGroup var dataOptions: DataOptions

  func validate() throws {
    guard let collection = ImageDataset.Collection(rawValue: dataset) else {
      throw ValidationError("pictures are of mnist or fashion-mnist (actual: \"\(dataset)\")")
    }
    _ = collection
    guard (10...60_000).contains(rows) else { throw ValidationError("--rows is 10 to 60000 (actual: \(rows))") }
    if let innerStep, !(innerStep > 0 && innerStep <= 1) {
      throw ValidationError("--inner-step is over 0, at most 1 (actual: \(innerStep))")
    }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let images = ImageDataset(collection: .init(rawValue: dataset) ?? .mnist, trainRows: rows)
      let study = try ClassificationStudy(pictures: images.pictures(in: try dataOptions.directory()))
      let rules = try options.chosen(forClasses: true)
      var settings = options.settings(epochs: 20, batch: 128, learningRate: 1e-3)
      (settings.inner, settings.isInnerShared) = (innerStep, sharedStep)
      let (corruption, share, fixed) = (corruption, options.share, settings)
      let figures = try await options.measure(rules) { rule, seed in
        let figures = try study.run(rule, corruption: corruption, share: share, settings: fixed, seed: seed)
        return [figures.clean] + (figures.poisoned.map { [$0] } ?? [])
      }
      var lines = [["rule", "accuracy, %"] + (corruption.isTrigger ? ["with the trigger, %"] : [])]
      for (rule, seeds) in zip(rules, figures) {
        lines.append(
          [rule.rawValue]
            + seeds[0].indices.map { figure in
              StudyOptions.summary(seeds.map { $0[figure] }, scale: 100, digits: 1)
            })
      }
      try Terminal.print(AlignedRows(lines).text, terminator: "")
    }
  }
}

extension ClassificationStudy {
  /// A study of pictures.
  fileprivate init(pictures: (train: LabelledRows, test: LabelledRows)) {
    self.init(train: pictures.train, test: pictures.test, classes: 10)
  }
}

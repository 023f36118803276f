internal import CopurNumerics

/// Training rows that were spoiled before a training: the `poison` section of a training.
///
/// Features are spoiled as an agent does that sends embeddings: behind its standardisation, by statistics of honest rows.
/// Spoiling raw columns would widen their own deviation, and so bound what it does.
public struct TrainingPoison: Hashable, Sendable, Codable {
  /// The change of the agents' features of a spoiled row, z being standardised ones and a the amplification.
  public enum Features: String, Hashable, Sendable, Codable, CaseIterable {
    /// As they were.
    case keep
    /// Normal noise of deviation a in their place.
    case noise
    /// −a·z.
    case flip
    /// The same a·(±1, …) in every spoiled row: a sensor that is stuck where it never was.
    case constant
    /// Those of another row, of the class `to` where that is given: genuine ones.
    case replay
    /// z + a·(±1, …), with signs of the agent's ``TriggerPattern``.
    case trigger
  }

  /// The change of a spoiled row's label, where `to` does not say.
  public enum Labels: String, Hashable, Sendable, Codable, CaseIterable {
    /// As it was.
    case keep
    /// A random other class.
    case flip
    /// The next class, of the last one the first.
    case next
  }

  /// The change of the agents' features of a spoiled row.
  public var features = Features.keep
  /// The agents whose features are spoiled.
  public var agents: [String] = []
  /// a, over 0.
  public var amplification: Float = 10
  /// The share of the rows that is spoiled, of those of class `from` where that is given; over 0.
  public var share: Float = 0.1
  /// The class whose rows alone are spoiled; nil for all.
  public var from: Int?
  /// The class that spoiled rows are labelled as; nil for what ``labels`` says.
  public var to: Int?
  /// The change of a spoiled row's label, where ``to`` does not say.
  public var labels = Labels.keep

  /// A tenth of the rows, of which nothing changes.
  public init() {}

  private static func place(
    _ key: String, _ path: any WritableKeyPath<TrainingPoison, Int?> & Sendable, _ summary: String
  ) -> Setting<TrainingPoison> {
    Setting(SettingDescription(key, .className, summary)) {
      $0[keyPath: path].map(SettingValue.integer)
    } write: {
      if case .integer(let label) = $1 { $0[keyPath: path] = label }
    }
  }

  /// The settings of the section `poison`.
  public static var settings: [Setting<TrainingPoison>] {
    [
      .choice("features", \.features, of: "a poison of features", "what the agents' features of a spoiled row become"),
      .texts("agents", \.agents, of: "agents", atLeast: 1, "the agents whose features are spoiled"),
      .number("amplification", \.amplification, .positive, "how much, in standard deviations; the factor of a flip"),
      .number(
        "share", \.share, .positiveFraction,
        "the share of the rows that is spoiled, of those of `from` where it is given",
        isRequired: true),
      place("from", \.from, "the class whose rows alone are spoiled"),
      place("to", \.to, "the class that spoiled rows are labelled as"),
      .choice("labels", \.labels, of: "a poison of labels", "what the label of a spoiled row becomes, without `to`"),
    ]
  }

  /// Checks what no setting can check alone.
  func validate(in context: KindContext) throws(SettingError) {
    for name in agents where !context.agents.contains(where: { $0.name == name }) {
      throw SettingError("poison names agents of the data set (actual: \"\(name)\")", at: "poison")
    }
    guard (features == .keep) == agents.isEmpty else {
      throw SettingError(
        "poison of features names its `agents`, and agents say what becomes of their `features` (features: "
          + "\(features.rawValue), agents: \(agents.count))", at: "poison")
    }
    guard features != .keep || labels != .keep || to != nil else {
      throw SettingError("poison spoils features, labels, or both (actual: neither)", at: "poison")
    }
  }

  /// The data set with training rows of which some are spoiled; test rows are as they were.
  ///
  /// - Parameters:
  ///   - dataset: With honest rows.
  ///   - seed: Gives the rows, the noise and the trigger's signs.
  public func applied(to dataset: Dataset, seed: UInt64) -> Dataset {
    let (honest, layout) = (dataset.train, dataset.roster.layout)
    var generator = SeededGenerator(seed: seed, purpose: "poison")
    var candidates = (0..<honest.count).filter { from == nil || honest.labels[$0] == from }
    candidates.shuffle(using: &generator)
    let rows = candidates.prefix(Int((Double(share) * Double(candidates.count)).rounded())).sorted()
    var (features, classes) = (honest.features, honest.labels)
    for block in 0..<layout.count where agents.contains(dataset.roster.agents[block].name) {
      spoil(
        &features, rows: rows, columns: layout[block], agent: dataset.roster.agents[block], labels: honest.labels,
        seed: seed)
    }
    let count = dataset.classNames.count
    for row in rows {
      switch (to, labels) {
      case (let label?, _): classes[row] = label
      case (nil, .keep): break
      case (nil, .next): classes[row] = (classes[row] + 1) % count
      case (nil, .flip): classes[row] = (classes[row] + Int.random(in: 1..<max(2, count), using: &generator)) % count
      }
    }
    var flags = [Bool](repeating: false, count: honest.count)
    for row in rows { flags[row] = true }
    return dataset.with(
      train: LabelledRows(
        features: features, labels: classes,
        poisoned: PoisonedRows(honest: honest.features, labels: honest.labels, isPoisoned: flags)))
  }

  private func spoil(
    _ features: inout Matrix, rows: [Int], columns: Range<Int>, agent: AgentID, labels: [Int], seed: UInt64
  ) {
    let own = features.columns(columns)
    let standardizer = Standardizer(fitting: own)
    let standardised = standardizer.apply(to: own)
    let pattern = TriggerPattern(agent: agent, width: columns.count, seed: seed)
    let sources = (0..<own.rows).filter { to == nil || labels[$0] == to }
    for row in rows {
      var generator = SeededGenerator(seed: seed, purpose: "poison of row \(row) of \(agent)")
      let source = sources.randomElement(using: &generator) ?? row
      for (place, column) in columns.enumerated() {
        // A column without spread says nothing, whatever it holds.
        guard standardizer.standardDeviations[place] != Standardizer.withoutSpread else { continue }
        let before = standardised[row, place]
        let value: Float
        switch self.features {
        case .keep: continue
        case .noise: value = amplification * Float(generator.normal())
        case .flip: value = -amplification * before
        case .constant: value = amplification * pattern.signs[place]
        case .replay: value = standardised[source, place]
        case .trigger: value = before + amplification * pattern.signs[place]
        }
        features[row, column] = standardizer.means[place] + value * standardizer.standardDeviations[place]
      }
    }
  }
}

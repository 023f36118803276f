public import CopurNumerics

/// Labelled rows whose features are split over agents.
public struct Dataset: Sendable {
  /// The name in results, such as "extrasensory".
  public let name: String
  /// The agents, how many raw features each one holds, and how those lie.
  public let roster: AgentRoster
  /// The name of each feature, D_x of them.
  public let featureNames: [String]
  /// The name of each class; labels count from 0.
  public let classNames: [String]
  /// Rows for training, validation and every choice.
  public let train: LabelledRows
  /// Rows for reporting only.
  public let test: LabelledRows
  /// The rule by which an agent is missing in a row; a bundle that is trained on these rows keeps it.
  public let silence: SilenceRule
  /// Notes on the files, in words: what was guessed or left out.
  public let notes: [String]
  /// SHA-256 (hexadecimal) over the files and the selection that gave these rows.
  public let digest: String

  /// - Precondition: Training and test rows are as wide as the roster's layout, with a name a column.
  public init(
    name: String, roster: AgentRoster, featureNames: [String], classNames: [String], train: LabelledRows,
    test: LabelledRows, digest: String, silence: SilenceRule = .never, notes: [String] = []
  ) {
    precondition(featureNames.count == roster.layout.totalWidth)
    precondition(train.features.columns == roster.layout.totalWidth && test.features.columns == train.features.columns)
    self.name = name
    self.roster = roster
    self.featureNames = featureNames
    self.classNames = classNames
    self.train = train
    self.test = test
    self.digest = digest
    self.silence = silence
    self.notes = notes
  }

  /// The same rows by another rule for silent agents, and with other training rows if they are given.
  public func with(silence: SilenceRule? = nil, train: LabelledRows? = nil) -> Dataset {
    Dataset(
      name: name, roster: roster, featureNames: featureNames, classNames: classNames, train: train ?? self.train,
      test: test, digest: digest, silence: silence ?? self.silence, notes: notes)
  }
}

/// Rows of features with a label each.
public struct LabelledRows: Sendable {
  /// Raw features as measured, [n, D_x]; NaN where a value is missing.
  public let features: Matrix
  /// The class of each row, from 0.
  public let labels: [Int]
  /// The rows before a simulation spoiled some; nil for rows as they were measured.
  public let poisoned: PoisonedRows?

  /// The parts of these rows that an audit does not believe; nil if there was no audit.
  public let doubts: RowDoubts?

  /// - Precondition: A label a row.
  public init(features: Matrix, labels: [Int], poisoned: PoisonedRows? = nil, doubts: RowDoubts? = nil) {
    precondition(features.rows == labels.count)
    self.doubts = doubts
    self.features = features
    self.labels = labels
    self.poisoned = poisoned
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The rows of the given numbers, in that order.
  public func selecting(_ numbers: some Collection<Int>) -> LabelledRows {
    LabelledRows(
      features: features.selecting(rows: numbers), labels: numbers.map { labels[$0] },
      poisoned: poisoned?.selecting(numbers), doubts: doubts?.selecting(numbers))
  }

  /// The same rows with the labels and the doubts of an audit.
  public func audited(labels: [Int], doubts: RowDoubts) -> LabelledRows {
    LabelledRows(features: features, labels: labels, poisoned: poisoned, doubts: doubts)
  }
}

/// The parts of training rows that an audit does not believe.
public struct RowDoubts: Hashable, Sendable {
  /// The number of agents.
  public let agents: Int
  /// Whether each agent's block of each row is not trained on, [n, M], row-major.
  public let withheld: [Bool]
  /// The agents that have no part in models that are trained jointly.
  public let leftOut: Set<Int>

  /// - Precondition: As many flags as rows times agents.
  public init(agents: Int, withheld: [Bool], leftOut: Set<Int>) {
    precondition(withheld.count % agents == 0)
    self.agents = agents
    self.withheld = withheld
    self.leftOut = leftOut
  }

  /// The rows of the given numbers, in that order.
  func selecting(_ numbers: some Collection<Int>) -> RowDoubts {
    RowDoubts(
      agents: agents, withheld: numbers.flatMap { withheld[$0 * agents..<($0 + 1) * agents] }, leftOut: leftOut)
  }
}

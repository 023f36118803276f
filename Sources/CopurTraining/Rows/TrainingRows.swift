public import CopurCore
internal import CopurNumerics

/// The rows that a bundle is trained on, as the fusion center has them: labels, and who says something of which row. The
/// features are with the agents.
public struct TrainingRows: Sendable {
  /// The agents, and how many raw features each has.
  public let roster: AgentRoster
  /// The names of each agent's features; nil where only the agent knows them.
  public let columns: [[String]]?
  /// The name of each class; labels count from 0.
  public let classNames: [String]
  /// The rule by which an agent is missing in a row.
  public let silence: SilenceRule
  /// SHA-256 (hexadecimal) over what gave these rows.
  public let digest: String
  /// The agents' side.
  public let agents: any TrainingAgents
  /// The numbers by which the agents know the rows.
  public let numbers: [Int]
  /// The class of each row, from 0.
  public let labels: [Int]
  /// Flags that say which agents say something of which row, row-major, [n, M].
  public let presence: [Bool]

  /// The parts that an audit does not believe; nil if there was none.
  let doubts: RowDoubts?

  /// - Precondition: A number and a label a row, and whether each agent says something of it.
  public init(
    roster: AgentRoster, columns: [[String]]? = nil, classNames: [String], silence: SilenceRule, digest: String,
    agents: any TrainingAgents, numbers: [Int], labels: [Int], presence: [Bool], doubts: RowDoubts? = nil
  ) {
    self.doubts = doubts
    precondition(numbers.count == labels.count && presence.count == labels.count * roster.count)
    self.roster = roster
    self.columns = columns
    self.classNames = classNames
    self.silence = silence
    self.digest = digest
    self.agents = agents
    self.numbers = numbers
    self.labels = labels
    self.presence = presence
  }

  /// The training rows of a data set, all of whose features are in this process.
  public init(_ dataset: Dataset) {
    let (features, layout) = (dataset.train.features, dataset.roster.layout)
    self.init(
      roster: dataset.roster, columns: (0..<layout.count).map { Array(dataset.featureNames[layout[$0]]) },
      classNames: dataset.classNames, silence: dataset.silence, digest: dataset.digest,
      agents: DatasetAgents(
        features: features, honest: dataset.train.poisoned?.honest, layout: layout,
        geometries: (0..<layout.count).map { agent in
          let known = dataset.roster.geometries[agent]
          return known == .plain ? FeatureGeometry(pixels: Array(dataset.featureNames[layout[agent]])) ?? .plain : known
        }, silence: dataset.silence),
      numbers: Array(0..<dataset.train.count), labels: dataset.train.labels,
      presence: dataset.silence.presence(in: features, layout: layout), doubts: dataset.train.doubts)
  }

  /// The number of rows.
  public var count: Int { labels.count }

  /// The rows at the given places, in that order.
  public func selecting(_ places: some Collection<Int>) -> TrainingRows {
    TrainingRows(
      roster: roster, columns: columns, classNames: classNames, silence: silence, digest: digest, agents: agents,
      numbers: places.map { numbers[$0] }, labels: places.map { labels[$0] },
      presence: places.flatMap { presence[$0 * roster.count..<($0 + 1) * roster.count] },
      doubts: doubts.map { doubts in
        RowDoubts(
          agents: doubts.agents,
          withheld: places.flatMap { doubts.withheld[$0 * roster.count..<($0 + 1) * roster.count] },
          leftOut: doubts.leftOut)
      })
  }

  /// The rows without those of which no agent has a reading: they say nothing.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if that leaves no row.
  func heard() throws -> TrainingRows {
    let agents = roster.count
    let rows = (0..<count).filter { presence[$0 * agents..<($0 + 1) * agents].contains(true) }
    guard !rows.isEmpty else {
      throw CopurError(
        .configuration,
        "some agent has a reading in some training row (actual: none in \(count) rows); `silent: never` lets agents read "
          + "the mean of training")
    }
    return rows.count == count ? self : selecting(rows)
  }

  /// The rows for extractors that are trained jointly: agents are missing where an audit does not believe them.
  var believed: TrainingRows {
    guard let doubts else { return self }
    let count = roster.count
    return TrainingRows(
      roster: roster, columns: columns, classNames: classNames, silence: silence, digest: digest, agents: agents,
      numbers: numbers, labels: labels,
      presence: presence.indices.map {
        presence[$0] && !doubts.withheld[$0] && !doubts.leftOut.contains($0 % count)
      }, doubts: doubts)
  }

  /// Whether an agent says something of some row.
  func isHeard(_ agent: Int) -> Bool {
    stride(from: agent, to: presence.count, by: roster.count).contains { presence[$0] }
  }

  /// The embeddings of all rows, but for blocks that an audit does not believe.
  ///
  /// - Parameter areVoters: Whether each agent was trained by itself, so that one that is left out of joint models has a part.
  /// - Throws: ``CopurError`` if an agent cannot be asked.
  func observed(by agents: any TrainedAgents, areVoters: Bool) async throws -> Observation {
    var observation = try await agents.observe(numbers)
    guard let doubts else { return observation }
    for place in doubts.withheld.indices {
      let (row, agent) = place.quotientAndRemainder(dividingBy: roster.count)
      if doubts.withheld[place] || !areVoters && doubts.leftOut.contains(agent) {
        observation.withhold(block: agent, of: row)
      }
    }
    return observation
  }
}

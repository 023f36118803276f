public import CopurCore
public import CopurNumerics

/// The sources that an attack draws from: random numbers that follow from seed, attack and sample, and what agents sent
/// before.
public struct AttackContext: Sendable {
  /// The run's seed.
  public var seed: UInt64
  /// The attack's name, so that two attacks of a run draw different numbers.
  public var name: String
  /// The samples' numbers, so that a sample's draws do not depend on its batch; nil for 0, 1, ….
  public var numbers: [Int]?
  /// The embeddings that the attacker has seen the agents send.
  public var recordings: Recordings
  /// The raw features of the samples; nil where they are not known.
  public var raw: RawFeatures?

  /// Without arguments, what a test needs: no name, no recordings, samples numbered from 0.
  public init(
    seed: UInt64 = 0, name: String = "", numbers: [Int]? = nil, recordings: Recordings = Recordings(),
    raw: RawFeatures? = nil
  ) {
    self.raw = raw
    self.seed = seed
    self.name = name
    self.numbers = numbers
    self.recordings = recordings
  }
}

/// Honest embeddings of other samples, all agents at once, and their classes.
public struct Recordings: Sendable {
  /// [n, D]; what was never sent is 0 there, and cannot be sent again.
  public let embeddings: Matrix
  /// The class of each row.
  public let labels: [Int]
  /// Whether each agent was heard of each row, [n, M]; nil: all were.
  private let observed: (blocks: Int, flags: [Bool])?

  /// Recordings of rows of which every agent was heard.
  ///
  /// - Precondition: A label a row.
  public init(embeddings: Matrix, labels: [Int]) {
    precondition(embeddings.rows == labels.count)
    self.embeddings = embeddings
    self.labels = labels
    observed = nil
  }

  /// - Precondition: A label a sample.
  public init(_ observation: Observation, labels: [Int]) {
    precondition(observation.samples == labels.count)
    embeddings = observation.embeddings
    self.labels = labels
    observed = observation.isComplete ? nil : (observation.layout.count, observation.observed)
  }

  /// No recordings.
  public init() { self.init(embeddings: Matrix(rows: 0, columns: 0), labels: []) }

  /// The rows of which all of the given blocks were heard.
  func rows(with blocks: [Int]) -> [Int] {
    guard let observed else { return Array(labels.indices) }
    return labels.indices.filter { row in blocks.allSatisfy { observed.flags[row * observed.blocks + $0] } }
  }
}

/// The attacker's knowledge and means.
public struct AttackSituation: Sendable {
  /// The observation that the fusion center would have without this attack: missing blocks are already withheld, earlier
  /// parts of a combined attack already applied.
  public var observation: Observation
  /// The blocks that the attacker controls. One that is not observed of a sample says nothing there, whatever is proposed.
  public var compromised: [Int]
  /// The true class of each sample.
  public var labels: [Int]
  /// The target: for an adaptive attack the defence, else the fusion model alone.
  public var victim: any Victim
  /// The sources that the attack draws from.
  public var context: AttackContext

  /// - Precondition: A label a sample, and a number a sample where `context` has numbers.
  public init(
    observation: Observation, compromised: [Int], labels: [Int], victim: any Victim, context: AttackContext = .init()
  ) {
    precondition(labels.count == observation.samples)
    precondition(context.numbers.map { $0.count == labels.count } ?? true)
    self.observation = observation
    self.compromised = compromised
    self.labels = labels
    self.victim = victim
    self.context = context
  }

  /// The columns of the compromised blocks.
  var columns: [Int] { compromised.flatMap { Array(observation.layout[$0]) } }

  /// Random numbers for one purpose and sample.
  func generator(for purpose: String, row: Int) -> SeededGenerator {
    let number = context.numbers?[row] ?? row
    return SeededGenerator(seed: context.seed, purpose: "attack/\(context.name)/\(purpose)/\(number)")
  }

  /// A seed for each sample's random draws of a randomized victim.
  func victimSeeds() -> [UInt64] {
    labels.indices.map { row in
      var generator = generator(for: "victim", row: row)
      return generator.next()
    }
  }
}

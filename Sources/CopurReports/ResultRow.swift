/// One measurement: a defence under an attack, with one seed.
///
/// Rates are fractions from 0 to 1.
public struct ResultRow: Hashable, Sendable {
  /// The place of agents and fusion center: one process, or one each.
  public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
    /// All in one process.
    case inProcess = "in-process"
    /// A process each, over the network.
    case network
  }

  /// The scenario's name.
  public var scenario: String
  /// The data set's name.
  public var dataset: String
  /// The seed.
  public var seed: UInt64
  /// The place of agents and fusion center: one process, or one each.
  public var mode: Mode
  /// The defence's name.
  public var defense: String
  /// The attack's name.
  public var attack: String
  /// The kinds of the attack's parts: "missing", "feature-flipping", "pgd", …; none if nobody is attacked.
  public var attackKinds: [String]
  /// "targeted", "untargeted" or nil.
  public var goal: String?
  /// The agents that sent adversarial embeddings.
  public var compromised: [String]
  /// The silent agents.
  public var missing: [String]
  /// The amplification of flipped features, if there is one.
  public var amplification: Double?
  /// The number of samples that were predicted.
  public var n: Int
  /// The fraction of samples predicted right.
  public var accuracy: Double
  /// The mean of the classes' recalls.
  public var balancedAccuracy: Double
  /// The standard deviation of ``accuracy``, by a bootstrap over runs of consecutive samples (`RunBootstrap`); nil in older
  /// rows.
  public var accuracyDeviation: Double?
  /// That of ``balancedAccuracy``.
  public var balancedAccuracyDeviation: Double?
  /// The fraction of samples of the most frequent class: what a constant guess reaches.
  public var majorityRate: Double
  /// The gain of the attack over no attack: of the samples on which it does not have what it wants when nobody is attacked,
  /// the fraction on which it has it. A targeted attack wants its class for samples of others, any other attack a wrong
  /// prediction. Nil if nobody is attacked, or there is no such sample.
  public var attackSuccessRate: Double?
  /// The fraction of samples of other classes for which a targeted attack's class is predicted when nobody is attacked,
  /// which is no merit of the attack; nil for other attacks.
  public var cleanSuccessRate: Double?
  /// The fusion center's time for a sample.
  public var secondsPerSample: Double
  /// The agreement of the agents named suspect with those that lied; nil if the defence names none.
  public var suspects: SuspectRates?
  /// The rate at which each honest agent is named suspect, in the model's order; nil if the defence names none.
  public var falseAlarms: [AgentFalseAlarms]?
  /// The power of alarms over consecutive samples to tell who lies; nil if the defence names none, or the bundle has no
  /// limits.
  public var alarms: AlarmRates?
  /// Each agent's residuals, in the model's order; nil if the defence computes none.
  public var residuals: [AgentResiduals]?
  /// The distance of the recovered embeddings from clean ones; nil if the defence recovers none, and over the network, where
  /// verdicts do not carry embeddings.
  public var reconstruction: ReconstructionError?
  /// ‖sent − honest‖₂ over the compromised blocks of a sample, mean over the samples; nil if nobody lied.
  public var changeNorm: Double?
  /// The search for the worst agents: "exhaustive" or "greedy"; nil if they were given.
  public var search: String?
  /// The attacker's knowledge of its victim: "nothing", "model" (the fusion model alone), "decisions" (those of the whole
  /// defence) or "defense" (everything); nil if nobody is attacked.
  public var knowledge: String?
  /// Why the attack may be weaker than it looks.
  public var warnings: [String]

  /// A row; an argument that is left out does not apply to the attack or the defence.
  public init(
    scenario: String, dataset: String, seed: UInt64, mode: Mode, defense: String, attack: String,
    attackKinds: [String] = [], goal: String? = nil, compromised: [String] = [], missing: [String] = [],
    amplification: Double? = nil, n: Int, accuracy: Double, balancedAccuracy: Double, majorityRate: Double,
    attackSuccessRate: Double? = nil, cleanSuccessRate: Double? = nil, secondsPerSample: Double,
    changeNorm: Double? = nil, search: String? = nil,
    knowledge: String? = nil, warnings: [String] = []
  ) {
    self.scenario = scenario
    self.dataset = dataset
    self.seed = seed
    self.mode = mode
    self.defense = defense
    self.attack = attack
    self.attackKinds = attackKinds
    self.goal = goal
    self.compromised = compromised
    self.missing = missing
    self.amplification = amplification
    self.n = n
    self.accuracy = accuracy
    self.balancedAccuracy = balancedAccuracy
    self.majorityRate = majorityRate
    self.attackSuccessRate = attackSuccessRate
    self.cleanSuccessRate = cleanSuccessRate
    self.secondsPerSample = secondsPerSample
    self.changeNorm = changeNorm
    self.search = search
    self.knowledge = knowledge
    self.warnings = warnings
  }
}

public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// A vote of agents: each gives bounded evidence of its own, and a class wins by the sum of it, without the highest and the
/// lowest pieces (``VoteRule``).
///
/// No agent has more say than its bound, so that what liars can do is known exactly (``VoteCertifier``). A missing agent's
/// evidence is what its being missing was worth in training, none if it never was. Agents that may always lie are best left out: the others' decision is then certain.
public struct AgentVote: Defense {
  /// The kind, as scenarios spell it.
  public static let name = "agent-vote"
  /// The name in results.
  public let name: String
  /// A block for each agent: one logit wide for two classes, else one a class.
  public let layout: BlockLayout
  /// The number of classes; at least 2.
  public let classes: Int
  /// The rule by which evidence becomes a class.
  public let rule: VoteRule
  /// The positions of the agents that vote, ascending; at least one.
  public let voters: [Int]
  /// The evidence of a missing agent, a block for each of ``voters``; no evidence where all of it is 0.
  public let absence: [[Float]]

  /// - Parameters:
  ///   - layout: Blocks of one logit for two classes, else of one a class.
  ///   - voters: Positions of the agents that vote; nil for all.
  ///   - absence: The evidence of each agent of the layout where it is missing, a block as wide as its own; nil for none.
  /// - Precondition: The widths are those, and there is a voter.
  public init(
    name: String = Self.name, layout: BlockLayout, classes: Int, rule: VoteRule, voters: [Int]? = nil,
    absence: [[Float]]? = nil
  ) {
    let width = ClassificationLoss(classes: classes).logits(classes: classes)
    let voters = voters?.sorted() ?? Array(0..<layout.count)
    precondition(!voters.isEmpty && voters.allSatisfy { layout.widths[$0] == width })
    self.name = name
    self.layout = layout
    self.classes = classes
    self.rule = rule
    self.voters = voters
    self.absence = voters.map { absence?[$0] ?? [Float](repeating: 0, count: width) }
    precondition(self.absence.allSatisfy { $0.count == width })
  }

  public func decide(_ observation: Observation) -> [Decision] {
    var ballot = Ballot(of: self)
    return (0..<observation.samples).map { sample in
      ballot.read(observation, sample: sample)
      let (label, leastScores) = ballot.decide()
      return Decision(label: label, probabilities: Self.shares(leastScores))
    }
  }

  /// Numbers that sum to 1 and order the classes as their scores do: for two classes the logistic function of the score.
  static func shares(_ leastScores: [Double]) -> [Float] {
    let most = leastScores.max() ?? 0
    let exponentials = leastScores.map { (($0 - most) / 2).exponential }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { Float($0 / sum) }
  }
}

/// A vote has no gradient where a margin is at its bound. What is followed is that of the mean evidence, which is moved the
/// same way by every voter.
extension AgentVote: Victim {
  public var gradientCaveat: String? {
    "\(name) has no gradient beyond its bounds: that of the agents' mean evidence was followed"
  }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    MeanEvidence(voters: voters, classes: classes).lossGradient(observation, labels: labels)
  }
}

extension AgentVote {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        AgentVote.name,
        "A vote of agents' voters, each trained on what is its agent's own alone, its evidence bounded and the highest and lowest left "
          + "out; certified exactly.",
        as: { $0 as any DefenseKind }, initial: { Settings(in: $0) })
    }
    public static var settings: [Setting<Settings>] {
      [
        .choice(
          "evidence", \.evidence, of: "evidence",
          "what an agent's block is read as; logits for two classes, probabilities for more if left out"),
        .number("clip", \.clip, .positive, "how far an agent's margin of logits goes"),
        .number("temperature", \.temperature, .positive, "what logits are divided by before they become probabilities"),
        .integer(
          "trim", \.trim, 0...10_000,
          "how many of the highest margins, and of the lowest, are left out; if it is not given, for two classes one more than "
            + "the liars that `protect` says, two if it names them, and at most all but the one or two in the middle; for more none"
        ),
        Setting(
          SettingDescription(
            "without", .texts(of: "agents", atLeast: 1),
            "agents that do not vote; those that `protect` names if left out")
        ) {
          $0.withoutNames.isEmpty ? nil : .texts($0.withoutNames)
        } write: {
          if case .texts(let names) = $1 { $0.withoutNames = names }
        },
      ]
    }
    public var kind: String { AgentVote.name }
    public var hasCertificates: Bool { true }
    public var needsVoters: Bool { true }

    /// The reading of an agent's block.
    public var evidence: VoteRule.Evidence
    /// The bound of a margin of logits, over 0.
    public var clip: Float
    /// The divisor of logits before they become probabilities, over 0.
    public var temperature: Float
    /// The number of the highest margins, and of the lowest, that are left out; nil for the default of so many agents.
    public var trim: Int?
    /// The names of the agents that do not vote.
    public var withoutNames: [String]

    /// The defaults for agents, classes and a threat.
    public init(in context: KindContext) {
      let isBinary = context.classNames.count <= 2
      evidence = isBinary ? .logits : .probabilities
      clip = 1
      temperature = isBinary ? 1 : 0.25
      let threat = context.threat
      trim =
        context.agents.isEmpty
        ? nil
        : isBinary
          ? VoteRule.trim(voters: context.agents.count - threat.agents.count, liars: threat.any + threat.missing) : 0
      withoutNames = context.threat.agents.map(\.name)
    }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      for name in withoutNames where !context.agents.contains(where: { $0.name == name }) {
        throw SettingError(
          "an agent of the scenario is one of \(context.agents.map(\.name).joined(separator: ", ")) (actual: \"\(name)\")",
          at: "without")
      }
      let voters = context.agents.count - withoutNames.count
      guard voters >= 1 else { throw SettingError("at least one agent votes (actual: none)", at: "without") }
      if let trim, 2 * trim >= voters {
        throw SettingError(
          "under half of the \(voters) agents that vote are left out at either end (actual: \(trim))", at: "trim")
      }
    }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      let roster = bundle.roster
      for agent in withoutNames where !roster.agents.contains(where: { $0.name == agent }) {
        throw CopurError(.invalidArgument, "\"\(name)\" leaves out agents of the model (actual: \"\(agent)\")")
      }
      let voters = roster.agents.indices.filter { !withoutNames.contains(roster.agents[$0].name) }
      let trim = trim ?? VoteRule.trim(voters: voters.count, liars: Threat.standard.any)
      guard 2 * trim < voters.count else {
        throw CopurError(
          .invalidArgument,
          "\"\(name)\" leaves out under half of its \(voters.count) voters at either end (actual: \(trim))")
      }
      return try bundle.vote(named: name) { layout, absence in
        AgentVote(
          name: name, layout: layout, classes: bundle.manifest.classes.count,
          rule: VoteRule(evidence, clip: Double(clip), temperature: Double(temperature), trim: trim), voters: voters,
          absence: absence)
      }
    }
  }
}

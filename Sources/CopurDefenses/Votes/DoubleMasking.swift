public import CopurCore
public import CopurNumerics

/// Double masking of agents: PatchCleanser's idea (Xiang, Mahloujifar and Mittal 2022) with agents in place of patches.
///
/// Let h_T be what a model says without the agents of T. A class is a candidate if some set S of q agents exists such that
/// h_{S ∪ S'} says it for every set S' of q agents disjoint from S. A single candidate is the answer; else it is what most of
/// the models say. If every model without exactly 2q agents says the same, no q liars can change it (``MaskingCertifier``):
/// with S the liars, no model that counts sees one, so that class is a candidate; and for any other S some S' covers the rest
/// of the liars, so no other class is. Nothing is assumed of the model, of the data or of what liars send.
///
/// A missing agent is seen by no model, whichever are masked; a liar that withholds is one of the masked.
public struct DoubleMasking: Defense {
  /// The kind, as scenarios spell it.
  public static let name = "double-masking"

  /// A model that can do without agents.
  public enum Model: Sendable {
    /// The sum of the evidence of the agents that are left. Then a class is a candidate against another by the sum of the
    /// margins without the q highest and the q lowest, so that one sort takes the place of all models.
    case evidence(AgentVote)
    /// One model of the embeddings of those that are left, all others NULL.
    case subsets(MaskedModels)
  }

  /// The name in results.
  public var name: String
  /// The model that is asked without some agents.
  public let model: Model
  /// q, how many agents may lie; 2q is under the number of agents.
  public let liars: Int

  /// - Precondition: The model masks as many agents as `liars` asks for.
  package init(name: String, model: Model, liars: Int) {
    switch model {
    case .evidence(let vote): precondition(vote.rule.trim == liars && vote.rule.bound == .infinity)
    case .subsets(let models): precondition(models.liars == liars)
    }
    self.name = name
    self.model = model
    self.liars = liars
  }

  /// The agents' blocks, as the model takes them.
  public var layout: BlockLayout {
    switch model {
    case .evidence(let vote): vote.layout
    case .subsets(let models): models.ablation.layout
    }
  }

  public func decide(_ observation: Observation) -> [Decision] {
    switch model {
    case .evidence(let vote): vote.decide(observation)
    case .subsets(let models): models.decide(observation)
    }
  }

  /// The certifier of its predictions.
  ///
  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  package func predictionCertifier(quorum: Int) -> any PredictionCertifier {
    switch model {
    case .evidence(let vote): VoteCertifier(vote, quorum: quorum)
    case .subsets(let models): MaskingCertifier(models, quorum: quorum)
    }
  }
}

extension DoubleMasking: CertifiableDefense {
  public func toleranceCertifier(quorum: Int) -> any ToleranceCertifier { predictionCertifier(quorum: quorum) }
}

extension DoubleMasking: Victim {
  public var classes: Int {
    switch model {
    case .evidence(let vote): vote.classes
    case .subsets(let models): models.ablation.classes
    }
  }

  public var gradientCaveat: String? {
    "\(name) has no gradient: that of the mean over its models was followed"
  }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    switch model {
    case .evidence(let vote): vote.lossGradient(observation, labels: labels, seeds: seeds)
    case .subsets(let models): models.ablation.lossGradient(observation, labels: labels, seeds: seeds)
    }
  }
}

extension DoubleMasking {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    /// The models that can be asked without some agents.
    public enum ModelKind: String, Hashable, Sendable, CaseIterable {
      /// The voters' evidence.
      case voters
      /// A fusion model that is trained with agents masked, on their embeddings.
      case joint
      /// The fusion model of the joint training, to which masked blocks are 0, as `agent_dropout` shows them to it: the sum of
      /// its log-probabilities of those that are left together and of each of them alone.
      case fusion
    }

    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        DoubleMasking.name,
        "A class is the answer if some set of agents can be masked such that all models with as many more masked say it; "
          + "certified without any assumption of the model.",
        as: { $0 as any DefenseKind }, initial: { Settings(in: $0) })
    }
    public static var settings: [Setting<Settings>] {
      [
        .integer(
          "liars", \.liars, 1...10_000, "how many agents may lie, under half of them; as `protect` says if left out"),
        .choice("model", \.model, of: "a model", "what is asked without the masked agents"),
      ] + AblationTrainingSettings.trainingSettings.map { $0.at(\.trained) }
    }
    public var kind: String { DoubleMasking.name }
    public var hasCertificates: Bool { true }
    public var needsVoters: Bool { model == .voters }
    public var training: FusionTraining? { model == .joint ? .ablation(settings: ablation) : nil }

    /// q, how many agents may lie.
    public var liars: Int
    /// The model that is asked without some agents.
    public var model = ModelKind.voters
    /// The number of agents; that of the bundle where the settings are made from one.
    private let agents: Int
    /// Epochs and rate of the joint model's training.
    var trained = AblationTrainingSettings(keep: 1, null: .learned)

    /// The defaults for agents and a threat.
    public init(in context: KindContext) {
      agents = context.agents.count
      liars = max(1, min(context.threat.any + context.threat.agents.count, (agents - 1) / 2))
    }

    /// The joint model sees as many agents as are left of twice the liars.
    private var ablation: AblationTrainingSettings {
      AblationTrainingSettings(
        keep: max(1, agents - 2 * liars), null: .learned, epochs: trained.epochs, learningRate: trained.learningRate)
    }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      guard 2 * liars < context.agents.count else {
        throw SettingError(
          "under half of \(context.agents.count) agents can be told from the others if they lie (actual: \(liars))",
          at: "liars")
      }
      guard model == .voters || AgentSubsets.isFew(agents: context.agents.count, keep: 2 * liars) else {
        throw SettingError(
          "a joint model is asked at most \(AgentSubsets.exhaustiveLimit) times a sample, once for each set of agents to "
            + "mask (actual: more, for \(liars) of \(context.agents.count))", at: "liars")
      }
    }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      let layout = bundle.roster.layout
      guard 2 * liars < layout.count else {
        throw CopurError(
          .invalidArgument, "\"\(name)\" is for under half of \(layout.count) agents that lie (actual: \(liars))")
      }
      switch model {
      case .voters:
        return try bundle.vote(named: name) { layout, absence in
          let vote = AgentVote(
            name: name, layout: layout, classes: bundle.manifest.classes.count,
            rule: VoteRule(.logits, clip: .infinity, trim: liars), absence: absence)
          return DoubleMasking(name: name, model: .evidence(vote), liars: liars)
        }
      case .joint, .fusion:
        let further = model == .joint ? try furtherModel(named: name, in: bundle) : nil
        var generator = SeededGenerator(seed: bundle.manifest.seed, purpose: "double masking")
        func ablation(keep: Int) -> RandomizedAblation {
          RandomizedAblation(
            name: name, layout: layout, model: further?.model ?? bundle.jointModel,
            null: further?.null ?? [Float](repeating: 0, count: layout.totalWidth),
            subsets: AgentSubsets(agents: layout.count, keep: keep, draws: 1, using: &generator))
        }
        let together = ablation(keep: layout.count - 2 * liars)
        let models = MaskedModels(together, alone: model == .fusion ? ablation(keep: 1) : nil, liars: liars)
        return DoubleMasking(name: name, model: .subsets(models), liars: liars)
      }
    }
  }
}

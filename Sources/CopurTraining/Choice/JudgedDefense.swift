internal import CopurAttacks
internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics

/// The judgement of a defence on held-out rows: without an attack, and under a threat.
struct JudgedDefense {
  /// The class of each row.
  private(set) var labels: [Int] = []
  /// For each run whether its predictions, right or wrong, are certified under the threat; empty without certificates.
  private var standing: [[Bool]] = []
  /// Whether each row is right without an attack.
  private var right: [Bool] = []
  private var predictions: Set<Int> = []
  /// The rows that were looked at under the threat: all of them where there are certificates.
  private var threatened: [Int] = []
  /// Whether each of these is right whatever the liars do; without a certificate, whether an attacker found nothing.
  private var withstood: [Bool] = []
  /// The most liars that each row's right prediction is certified against; −1 for none, or a wrong one. Nil without
  /// certificates.
  private var tolerances: [Int]? = []

  /// The number of held-out rows of a fold that are attacked where there is no certificate, and of sets of agents that
  /// attack them.
  private static let attackedRows = 50
  private static let attackingSets = 10
  /// Against how many agents certificates are reported.
  private static let reportedLiars = 3

  /// Nothing judged yet.
  init() {}

  /// - Parameters:
  ///   - model: What an attacker follows of a defence that has no gradient.
  ///   - compromised: Whom certificates are against, or who attacks.
  init(
    _ defense: any Defense, otherwise model: FusionModel, on rows: JudgedRows, against compromised: CompromisedAgents,
    seed: UInt64
  ) throws {
    let clean = rows.heldOut
    let decided = defense.decide(clean).map(\.label)
    labels = rows.labels
    right = zip(decided, labels).map { $0 == $1 }
    predictions = Set(decided)
    if let certifier = try? defense.certifier(quorum: 1) {
      let predictions = certifier.predictions(clean)
      threatened = Array(labels.indices)
      let certified = certifier.certifies(predictions, of: clean, against: compromised)
      standing = [certified]
      withstood = zip(certified, right).map { $0 && $1 }
      tolerances = zip(certifier.tolerances(predictions, of: clean), right).map { $1 ? $0 ?? -1 : -1 }
    } else {
      tolerances = nil
      try attack(defense, otherwise: model, on: rows, compromised: compromised, seed: seed)
    }
  }

  /// An adaptive attacker on some rows: whichever of some sets of liars does harm.
  private mutating func attack(
    _ defense: any Defense, otherwise model: FusionModel, on rows: JudgedRows, compromised: CompromisedAgents,
    seed: UInt64
  ) throws {
    let stride = max(1, labels.count / Self.attackedRows)
    threatened = Array(Swift.stride(from: 0, to: labels.count, by: stride))
    withstood = threatened.map { right[$0] }
    let (observation, labels) = (rows.heldOut.selecting(threatened), threatened.map { self.labels[$0] })
    let surrogate = defense.surrogate(otherwise: model)
    let recordings = Recordings(rows.training, labels: rows.trainingLabels)
    let attack = AdaptiveDescent(
      descent: ProjectedGradientDescent(goal: .untargeted, step: 0.5, iterations: 12), restarts: 2)
    for set in Self.sets(compromised, agents: observation.layout.count, seed: seed) {
      try Task.checkCancellation()
      let outcome = try AttackPlan(missing: [], parts: [.init(attack: attack, blocks: set)]).apply(
        to: observation, labels: labels, victim: surrogate, defended: defense.victim(surrogate: surrogate),
        context: AttackContext(seed: seed, name: "held-out", numbers: threatened, recordings: recordings))
      for (index, decision) in defense.decide(outcome.received).enumerated() where decision.label != labels[index] {
        withstood[index] = false
      }
    }
  }

  private static func sets(_ compromised: CompromisedAgents, agents: Int, seed: UInt64) -> [[Int]] {
    switch compromised {
    case .these(let set): return [set.sorted()]
    case .any(1) where agents <= attackingSets: return (0..<agents).map { [$0] }
    case .any(let count):
      var generator = SeededGenerator(seed: seed, purpose: "attacking agents")
      return (0..<attackingSets).map { _ in generator.permutation(agents).prefix(count).sorted() }
    }
  }

  /// Adds what was judged on another fold, by the same defence trained on other rows.
  mutating func append(_ other: JudgedDefense) {
    threatened += other.threatened.map { $0 + labels.count }
    withstood += other.withstood
    labels += other.labels
    right += other.right
    predictions.formUnion(other.predictions)
    standing += other.standing
    if let more = other.tolerances { tolerances? += more } else { tolerances = nil }
  }

  /// Nobody attacks.
  var clean: ProtectionRecord.Score { score(right, labels) }

  /// Whether each class that occurs was said at least once.
  var saysEveryClass: Bool { predictions.isSuperset(of: labels) }

  /// By how many verdicts in a row those that are not certified may outnumber the others; nil where they are the most, so
  /// that it would say nothing.
  private var standingLimit: Int? {
    let all = standing.joined()
    guard !all.isEmpty, 2 * all.count(where: { $0 }) > all.count else { return nil }
    return AlarmMonitor.limit(of: standing.map { run in run.map { !$0 } })
  }

  /// - Parameters:
  ///   - first: What gains are over.
  ///   - undefended: What clean accuracy is lost against.
  func record(
    of kind: any DefenseKind, comparedWith first: JudgedDefense, undefended: JudgedDefense
  ) -> ProtectionRecord.Candidate {
    let threatenedLabels = threatened.map { labels[$0] }
    var record = ProtectionRecord.Candidate(
      kind: kind.kind, settings: JSONSettings(of: kind).object, clean: clean,
      protected: score(withstood, threatenedLabels), isCertified: tolerances != nil,
      certified: tolerances.map { tolerances in
        (1...Self.reportedLiars).map { count in score(tolerances.map { $0 >= count }, labels) }
      } ?? [])
    let places = Dictionary(uniqueKeysWithValues: zip(first.threatened, first.withstood))
    let others = threatened.map { places[$0] ?? false }
    let gain = RunBootstrap(length: tolerances == nil ? 1 : 30).gain(
      of: withstood, over: others, labels: threatenedLabels)
    (record.gain, record.gainDeviation) = gain
    let loss = RunBootstrap().gain(of: undefended.right, over: right, labels: labels, balancedShare: 1)
    (record.loss, record.lossDeviation) = loss
    let accuracyLoss = RunBootstrap().gain(of: undefended.right, over: right, labels: labels, balancedShare: 0)
    (record.accuracyLoss, record.accuracyLossDeviation) = accuracyLoss
    record.standingLimit = standingLimit
    return record
  }

  private func score(_ right: [Bool], _ labels: [Int]) -> ProtectionRecord.Score {
    guard !right.isEmpty else { return .init(accuracy: 0, balanced: 0, deviation: 0) }
    let bootstrap = RunBootstrap(samples: 200)
    let (balanced, accuracy) = (bootstrap.balancedAccuracy(right, labels: labels), bootstrap.accuracy(right))
    return .init(
      accuracy: accuracy.value, balanced: balanced.value, deviation: balanced.deviation,
      accuracyDeviation: accuracy.deviation)
  }
}

extension Threat {
  /// Whom certificates have to be against. A silent agent is one that may also lie: what is certified against liars is
  /// certified against silence.
  func compromised(in roster: AgentRoster) throws -> CompromisedAgents {
    guard missing == 0, !agents.isEmpty else { return .any(any + agents.count + missing) }
    return .these(
      Set(
        try agents.map { agent in
          guard let index = roster.index(of: agent) else {
            throw CopurError(.configuration, "\"protect\" names agents of the model (actual: \"\(agent)\")")
          }
          return index
        }))
  }
}

public import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurPurification
public import CopurReports

extension Scenario {
  /// The sets of agents that its attacks compromise or silence, each once, in the model's order; without those whose agents
  /// are searched for.
  public var attackedSets: [[AgentID]] {
    var sets: [[AgentID]] = []
    for attack in attacks {
      let set = agents.filter { (attack.compromised + attack.missing).contains($0) }
      if !set.isEmpty, !sets.contains(set) { sets.append(set) }
    }
    return sets
  }
}

extension ScenarioRunner {
  /// Up to how many agents certificates are against without naming them.
  private static let largestCount = 3

  /// Certificates of defences, and the predictions behind them.
  public typealias Certificates = (results: [CertificateRow], predictions: [CertifiedPredictionRow])

  /// Certifies the predictions of test rows: which of them nothing that some agents send or withhold can change.
  ///
  /// Bundles are trained or taken from the cache as for ``run()``; nothing is played, and nothing is written.
  ///
  /// - Parameters:
  ///   - name: One of the scenario's defences, of a kind that has certificates: `copur` or `copur-paper` on a linear manifold
  ///     of one dimension, or votes such as `randomized-ablation`. Nil: all of them that have some.
  ///   - sets: Agents of the scenario, each set not empty.
  /// - Returns: For each seed and defence a row for each set, then for any one, any two and any three agents; and the
  ///   predictions behind them.
  /// - Throws: ``CopurError``: `.invalidArgument` if the defence or an agent is none of the scenario's, or of a kind without
  ///   certificates; `.configuration` if the manifold has another dimension, or no defence has any. `CancellationError`.
  public func certify(_ name: String? = nil, against sets: [[AgentID]]) async throws -> Certificates {
    if let name {
      let spec = try scenario.models(of: name).defenses.first { $0.name == name }!
      guard spec.kind.hasCertificates else {
        throw CopurError(
          .invalidArgument,
          "a defense of kind \(Self.certifiableKinds) has certificates (\"\(name)\": \(spec.kind.kind))")
      }
    }
    for agent in sets.joined() where !scenario.agents.contains(agent) {
      throw CopurError(
        .invalidArgument,
        "an agent of the scenario is one of \(scenario.agents.map(\.name).joined(separator: ", ")) (actual: \"\(agent)\")"
      )
    }
    let dataset = try scenario.dataset.load(from: options.data, agents: scenario.agents)
    guard dataset.test.count > 0 else {
      throw CopurError(.configuration, "a scenario needs test rows to report on (\(dataset.name): 0)")
    }
    let groups = scenario.modelGroups.map { group in
      (group, group.defenses.filter { $0.kind.hasCertificates && (name == nil || $0.name == name) })
    }.filter { !$0.1.isEmpty }
    var (everything, refusal): (Certificates, CopurError?) = (([], []), nil)
    for seed in scenario.seeds {
      for (group, defenses) in groups {
        let bundle = try await bundle(of: group, for: dataset, seed: seed).0
        for spec in defenses {
          do {
            let certificates = try certificates(of: spec, against: sets, in: bundle, for: dataset, seed: seed)
            everything.results += certificates.results
            everything.predictions += certificates.predictions
          } catch let error as CopurError where name == nil && error.code == .configuration {
            refusal = error
          }
        }
      }
    }
    guard !everything.results.isEmpty else {
      throw refusal
        ?? CopurError(
          .configuration, "a defense of kind \(Self.certifiableKinds) has certificates (the scenario has none)")
    }
    return everything
  }

  /// Certificates of those of some defences that have any, against the sets of the scenario's attacks.
  func certificates(
    of defenses: [DefenseSpec], in bundle: ModelBundle, for dataset: Dataset, seed: UInt64
  ) throws -> [(defense: String, certificates: Certificates)] {
    try defenses.filter(\.kind.hasCertificates).compactMap { spec in
      do {
        return (
          spec.name,
          try certificates(of: spec, against: scenario.attackedSets, in: bundle, for: dataset, seed: seed)
        )
      } catch let error as CopurError where error.code == .configuration {
        // There are none for its manifold.
        return nil
      }
    }
  }

  /// Certificates of one defence with one seed.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if there are none for its manifold. `CancellationError`.
  private func certificates(
    of spec: DefenseSpec, against sets: [[AgentID]], in bundle: ModelBundle, for dataset: Dataset, seed: UInt64
  ) throws -> Certificates {
    guard let certifier = try spec.make(from: bundle).certifier(quorum: scenario.rounds.quorum) else {
      // What training chose has none, as no defence where there is nothing to protect.
      throw CopurError(
        .configuration, "\"\(spec.name)\" has no certificates: see what training chose, and why, with `copur train`")
    }
    var certificates: Certificates = ([], [])
    let observation = try bundle.observe(dataset.test.features, layout: dataset.roster.layout)
    let (labels, predictions) = (dataset.test.labels, certifier.predictions(observation))
    func add(_ compromised: CertificateRow.Compromised, _ certified: [Bool]) throws {
      try Task.checkCancellation()
      certificates.results.append(
        CertificateRow(
          scenario: scenario.name, dataset: dataset.name, seed: seed, defense: spec.name,
          modelVersion: bundle.modelVersion, compromised: compromised, labels: labels, predictions: predictions,
          certified: certified))
      certificates.predictions += labels.indices.map { sample in
        CertifiedPredictionRow(
          seed: seed, compromised: compromised, sample: sample, label: labels[sample],
          prediction: predictions[sample], isCertified: certified[sample], defense: spec.name)
      }
    }
    for set in sets {
      let positions = Set(set.map { bundle.roster.index(of: $0)! })
      try add(
        .agents(set.map(\.name)), certifier.certifies(predictions, of: observation, against: .these(positions)))
    }
    let tolerances = certifier.tolerances(predictions, of: observation)
    for count in 1...min(Self.largestCount, bundle.roster.count) {
      try add(.any(count), tolerances.map { $0 ?? 0 >= count })
    }
    return certificates
  }

  /// The kinds of defences that have certificates, for messages.
  private static var certifiableKinds: String {
    "auto, agent-vote, double-masking, copur, copur-paper or randomized-ablation"
  }
}

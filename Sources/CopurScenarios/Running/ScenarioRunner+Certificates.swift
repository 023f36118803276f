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

  /// Certifies the predictions of test rows: which of them nothing that some agents send or withhold can change.
  ///
  /// Bundles are trained or taken from the cache as for ``run()``; nothing is played, and nothing is written.
  ///
  /// - Parameters:
  ///   - name: One of the scenario's defences: of kind `copur` or `copur-paper` on a linear manifold of one dimension, or
  ///     of kind `randomized-ablation`.
  ///   - sets: Agents of the scenario, each set not empty.
  /// - Returns: For each seed a row for each set, then for any one, any two and any three agents; and the predictions behind
  ///   them.
  /// - Throws: ``CopurError``: `.invalidArgument` if the defence or an agent is none of the scenario's, or of a kind without
  ///   certificates; `.configuration` if the manifold has another dimension. `CancellationError`.
  public func certify(
    _ name: String, against sets: [[AgentID]]
  ) async throws -> (results: [CertificateRow], predictions: [CertifiedPredictionRow]) {
    let group = try scenario.models(of: name)
    let spec = group.defenses.first { $0.name == name }!
    guard spec.kind.hasCertificates else {
      throw CopurError(
        .invalidArgument,
        "a defense of kind copur, copur-paper or randomized-ablation has certificates (\"\(name)\": \(spec.kind.kind))"
      )
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
    var everything: (results: [CertificateRow], predictions: [CertifiedPredictionRow]) = ([], [])
    for seed in scenario.seeds {
      let bundle = try await bundle(of: group, for: dataset, seed: seed).0
      let defense = try spec.make(from: bundle)
      guard let certifier = try defense.certifier(quorum: scenario.rounds.quorum) else {
        preconditionFailure("\(spec.kind.kind) has certificates")
      }
      let observation = bundle.observe(dataset.test.features, layout: dataset.roster.layout)
      let predictions = certifier.predictions(observation)
      func add(_ compromised: CertificateRow.Compromised, _ certified: [Bool]) throws {
        try Task.checkCancellation()
        let labels = dataset.test.labels
        everything.results.append(
          CertificateRow(
            scenario: scenario.name, dataset: dataset.name, seed: seed, defense: name,
            modelVersion: bundle.modelVersion, compromised: compromised, labels: labels, predictions: predictions,
            certified: certified))
        everything.predictions += labels.indices.map { sample in
          CertifiedPredictionRow(
            seed: seed, compromised: compromised, sample: sample, label: labels[sample],
            prediction: predictions[sample], isCertified: certified[sample])
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
    }
    return everything
  }
}

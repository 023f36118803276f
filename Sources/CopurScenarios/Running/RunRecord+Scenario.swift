internal import CopurCore
internal import CopurDefenses
internal import CopurNumerics
internal import CopurPurification
internal import CopurReports
internal import CopurTraining
internal import Foundation

extension RunRecord {
  /// The record of a run that begins.
  init(scenario: Scenario, options: RunOptions, dataset: Dataset) throws {
    self.init(
      copurVersion: copurVersionString, commit: options.commit, command: options.command,
      machine: Machine(
        blas: ComputeKernel.library, kernel: ComputeKernel.current, instructions: ComputeKernel.instructions),
      scenario: scenario.name, scenarioText: scenario.source, mode: options.mode,
      seeds: scenario.seeds, defenses: scenario.defenses.map { Defense($0) }, dataset: dataset.name,
      datasetSource: try JSONValue(encoding: scenario.dataset),
      datasetDigest: dataset.digest, trainRows: dataset.train.count, testRows: dataset.test.count)
    settings = scenario.settings.isEmpty ? nil : scenario.settings
    point = scenario.point
    (shard, wholeSeeds) = (options.shard?.shard, options.shard?.seeds)
    attacks = scenario.timeline?.segments.map { $0.name(in: dataset.roster) } ?? scenario.attacks.map(\.name)
    testDigest = dataset.testDigest
    agents = dataset.roster.agents.map(\.name)
    let reference = ScenarioReference()
    attackKinds = scenario.kindsOfAttack.compactMap { kind in
      reference.summary(ofAttack: kind).map { AttackKind(kind: kind, summary: $0) }
    }
    defenses = scenario.defenses.map { defense in
      var record = Defense(defense)
      record.summary = reference.summary(ofDefense: defense.kind.kind)
      return record
    }
  }
}

extension Dataset {
  /// SHA-256 (hexadecimal) over the test rows, whatever the training rows are: two runs with the same have the same samples.
  fileprivate var testDigest: String {
    let digest = SHA256Digest()
    for text in [name] + roster.agents.map(\.name) { Data("\(text)\n".utf8).withUnsafeBytes { digest.update($0) } }
    test.labels.withUnsafeBytes { digest.update($0) }
    test.features.values.withUnsafeBytes { digest.update($0) }
    return digest.hexadecimal()
  }
}

extension RunRecord.Defense {
  /// The record of a defence.
  init(_ spec: DefenseSpec) {
    var goal: String?
    if case .adversarial(let settings) = spec.kind.training { goal = settings.goal.name }
    self.init(name: spec.name, kind: spec.kind.kind, goal: goal, isOracle: spec.kind.isOracle)
  }
}

extension Scenario {
  /// The kinds of its attacks as rows name them, each once: those that are played, or those of a timeline.
  fileprivate var kindsOfAttack: [String] {
    let events = (timeline?.events ?? []).compactMap { event -> String? in
      switch event.behaviour {
      case .honest: nil
      case .silent: "missing"
      case .flip: "feature-flipping"
      }
    }
    var seen: Set<String> = []
    return (attacks.flatMap(\.kinds) + events).filter { seen.insert($0).inserted }
  }
}

extension RunRecord.Bundle {
  /// The record of a bundle that was trained or taken from the cache.
  ///
  /// - Parameters:
  ///   - curves: The losses of its training, if they are known.
  ///   - attacks: Whose silent agents' leverage constants are looked at.
  init(
    seed: UInt64, defenses: [String], bundle: ModelBundle, curves: [TrainingCurve]?, attacks: [AttackSpec]
  ) throws {
    // By its decimal digits, so that 0.01 stays 0.01.
    self.init(
      seed: seed, defenses: defenses, bundle: bundle,
      candidateMargin: Double("\(DimensionChoice.margin)") ?? Double(DimensionChoice.margin))
    self.curves = curves
    guard let affine = bundle.manifold as? any AffineManifold else { return }
    var seen: Set<[AgentID]> = [[]]
    leverageWithMissing = try attacks.map(\.missing).filter { seen.insert($0).inserted }.map { missing in
      let observed = bundle.roster.agents.indices.filter { !missing.contains(bundle.roster.agents[$0]) }
      let analysis = try LeverageAnalysis(
        directions: affine.directions, layout: bundle.roster.layout, observed: observed)
      return ObservedLeverage(missing: missing.map(\.name), constants: try analysis.constants())
    }
  }
}

import CopurCore
import CopurDatasets
import CopurDefenses
import CopurNumerics
import CopurReports
import CopurScenarios
import CopurTraining
import Foundation
import Testing

/// Every kind of defence from a scenario to its results, with the models that it needs.
struct EveryDefenseTests {
  private static let defenses = """
    [unsecured, manifold-projection, randomized-smoothing, randomized-smoothing-block,
      { kind: randomized-ablation, keep: 2, ablated: learned },
      { kind: adversarial-training, name: at, goal: targeted, target: 3, iterations: 5 },
      { kind: adversarial-training-block, name: bat, iterations: 5 }, copur-schedule, copur-relaxed, copur-paper, copur,
      copur-smoothing, oracle]
    """

  private func scenario(_ images: SyntheticImages) throws -> Scenario {
    let text = try images.scenario().source + "\ndefenses: \(Self.defenses)\n"
    return try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
  }

  @Test("all of them play, and predict well where nobody is attacked; the bundle holds the models that some have")
  func plays() async throws {
    let images = try SyntheticImages()
    let scenario = try scenario(images)
    let options = images.options()
    let (results, _) = try await ScenarioRunner(scenario: scenario, options: options).run()
    #expect(results.count == scenario.attacks.count * scenario.defenses.count)
    for row in results where row.attack == "clean" {
      #expect(row.accuracy > (row.defense == "at" ? 0.1 : 0.7), "\(row.defense): \(row.accuracy)")
    }
    func accuracy(_ defense: String, _ attack: String) -> Double? {
      results.first { $0.defense == defense && $0.attack == attack }?.accuracy
    }
    // Who knows the liar loses no more than its block.
    #expect(try #require(accuracy("oracle", "flip")) > (try #require(accuracy("unsecured", "flip"))))
    #expect(accuracy("randomized-smoothing-block", "clean") == accuracy("unsecured", "clean"))

    let dataset = try scenario.dataset.load(from: options.data, agents: scenario.agents)
    let group = try scenario.models(of: nil)
    let location = try options.cache.location(
      of: group.trainer(for: scenario.name, source: .null, agents: scenario.agents), source: scenario.dataset,
      dataset: dataset, seed: 0)
    let bundle = try #require(options.cache.bundle(at: location))
    #expect(bundle.furtherModels.map(\.training) == group.furtherTrainings && bundle.furtherModels.count == 3)
    #expect(Set(bundle.furtherModels.map(\.model) + [bundle.jointModel]).count == 4)
    // One that was trained without them cannot make what needs them.
    let plain = try await BundleTrainer(
      name: "plain", training: scenario.training, manifold: scenario.manifold, source: .null
    ).train(on: dataset, seed: 0)
    #expect(plain.jointModel == bundle.jointModel && plain.purifiedModel == bundle.purifiedModel)
    for spec in scenario.defenses where spec.kind.training != nil {
      let error = #expect(throws: CopurError.self) { try spec.make(from: plain) }
      #expect(error?.message.hasPrefix("\"\(spec.name)\" has a fusion model of its own") == true)
    }
    for spec in scenario.defenses { #expect(try spec.make(from: bundle).name == spec.name) }
  }

  /// The list is the registry's, so that no defence is forgotten.
  @Test("a missing block has no effect on any kind of defence, and each sample is decided alike in any batch")
  func rules() async throws {
    let images = try SyntheticImages()
    // One that is a program has tests of its own, with programs.
    let kinds = KindRegistry.defenses.names.filter { $0 != "external" }.joined(separator: ", ")
    let scenario = try Scenario(
      parsing: ScenarioDocument(text: try images.scenario().source + "\ndefenses: [\(kinds)]\n", file: "s.yaml"))
    let dataset = try scenario.dataset.load(from: images.options().data, agents: scenario.agents)
    var checked = 0
    for group in scenario.modelGroups {
      let bundle = try await group.trainer(for: "all", source: .null, agents: scenario.agents).train(
        on: dataset, seed: 0)
      let (one, other) = try twoWays(of: bundle, dataset: dataset)
      for spec in group.defenses {
        let defense = try spec.make(from: bundle)
        let decisions = defense.decide(one)
        #expect(decisions == defense.decide(other), "\(spec.name)")
        #expect(decisions == (0..<9).flatMap { defense.decide(one.selecting([$0])) }, "\(spec.name)")
        checked += 1
      }
    }
    #expect(checked == KindRegistry.defenses.entries.count - 1)
  }

  /// Samples that are equal but for the content of a block that is missing.
  private func twoWays(of bundle: ModelBundle, dataset: Dataset) throws -> (Observation, Observation) {
    let embeddings = try bundle.embed(dataset.test.features, layout: dataset.roster.layout).selecting(rows: 0..<9)
    let layout = bundle.roster.layout
    var (honest, wild) = (embeddings, embeddings)
    for row in 0..<9 {
      for column in layout[1] { wild[row, column] = row % 2 == 0 ? 1e6 : -1e30 }
      for column in layout[1] { honest[row, column] *= 2 }
    }
    var (one, other) = (Observation(layout: layout, embeddings: honest), Observation(layout: layout, embeddings: wild))
    for sample in 0..<9 where sample != 4 {
      one.withhold(block: 1, of: sample)
      other.withhold(block: 1, of: sample)
    }
    other.set(block: 1, of: 4, to: layout[1].map { honest[4, $0] })
    return (one, other)
  }

  @Test("an oracle over the network is an error before any data is looked for")
  func oracle() async throws {
    let images = try SyntheticImages()
    var options = images.options()
    options.mode = .network
    options.data = DataDirectory(roots: [])
    let runner = ScenarioRunner(scenario: try scenario(images), options: options)
    let error = await #expect(throws: CopurError.self) { try await runner.run() }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("(actual: \"randomized-smoothing-block\" over the network)") == true)
  }
}

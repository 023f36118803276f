import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
import CopurScenarios
import Foundation
import Testing

struct ScenarioTests {
  private func parse(_ text: String) throws -> Scenario {
    try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
  }

  private func agents(_ names: String...) throws -> [AgentID] { try names.map { try AgentID($0) } }

  @Test("The least that a scenario says; all else has its default")
  func defaults() throws {
    let text = "name: least\ndataset: { kind: mnist }\nattacks: [{ name: clean }]\n"
    let scenario = try parse(text)
    #expect(scenario.name == "least")
    #expect(scenario.dataset == DatasetSource(ImageDataset(collection: .mnist)))
    #expect(try scenario.agents == agents("top-left", "top-right", "bottom-left", "bottom-right"))
    #expect(scenario.training == TrainingSettings())
    #expect(scenario.manifold == ManifoldSettings())
    #expect(scenario.defenses.map(\.name) == ["unsecured", "manifold-projection", "copur-paper", "copur"])
    #expect(scenario.attacks == [AttackSpec(name: "clean")])
    #expect(scenario.rounds == RoundSettings())
    #expect(scenario.seeds == [0])
    #expect(scenario.source == text)
  }

  @Test("The defaults are the paper's")
  func paperDefaults() {
    let training = TrainingSettings()
    #expect((training.embedding, training.epochs, training.batch, training.hidden) == (32, 100, 64, 16))
    #expect((training.learningRate, training.slope, training.optimizer) == (0.005, 0.9, .sgd))
    #expect((training.fusion.epochs, training.fusion.learningRate) == (200, 0.001))
    let manifold = ManifoldSettings()
    #expect(manifold.kind is LinearManifold.Settings && manifold.code == nil)
    let autoencoder = AutoencoderManifold.Settings()
    #expect((autoencoder.hidden, autoencoder.epochs) == (200, 400))
    #expect((autoencoder.slope, autoencoder.learningRate) == (0.8, 0.001))
    #expect((RoundSettings().deadline, RoundSettings().quorum) == (.milliseconds(250), 1))
    #expect(
      (
        ProjectedGradientDescent(goal: .targeted(label: nil)).step,
        ProjectedGradientDescent(goal: .targeted(label: nil)).iterations
      ) == (0.5, 30))
    #expect(ProjectedGradientDescent(goal: .targeted(label: nil)).direction == .normalized)
  }

  @Test("Every key")
  func everything() throws {
    let scenario = try parse(
      """
      name: all
      dataset:
        { kind: extrasensory, user: AB-1, label: SITTING, train_rows: 10, keep_last_row: true, standardization: reference }
      agents: [time, acc, audio]
      training:
        extractor: linear
        extractor_start: zero
        embedding: 8
        epochs: 3
        batch: 4
        learning_rate: 1e-2
        hidden: 5
        slope: 0
        optimizer: momentum
        fusion: { epochs: 7, learning_rate: 0.25, agent_dropout: 0.5 }
        agent_dropout: 0.25
        agent_heads: true
        class_balanced: true
        equal_energy: true
        validation_rows: 2
        alternatives: [{ agent_heads: false, fusion: { epochs: 8 } }, { optimizer: sgd }]
      manifold: { kind: autoencoder, code: 3, hidden: 9, slope: 0.5, epochs: 11, learning_rate: 0.125 }
      defenses: [copur, unsecured]
      attacks:
        - { name: quiet, kind: clean }
        - { name: gone, kind: missing, agents: [audio, time] }
        - { name: lie, kind: feature-flipping, agents: [acc] }
        - { name: any, kind: pgd, agents: [acc], goal: untargeted, step: 0.1, iterations: 2, direction: sign }
        - { name: sit, kind: pgd, agents: [acc, time], goal: targeted, target: SITTING, direction: raw }
      rounds: { deadline: 1.5s, quorum: 1 }
      seeds: [3, 0]
      """)
    #expect(
      scenario.dataset
        == DatasetSource(
          ExtraSensory(user: "AB-1", label: "SITTING", trainRows: 10, keepLastRow: true, standardization: .reference)))
    #expect(try scenario.agents == agents("time", "acc", "audio"))
    var training = TrainingSettings(
      extractorStart: .zero, embedding: 8, epochs: 3, batch: 4, learningRate: 0.01, hidden: 5, slope: 0,
      optimizer: .momentum, fusion: TrainingSettings.Fusion(epochs: 7, learningRate: 0.25, agentDropout: 0.5),
      agentDropout: 0.25, agentHeads: true, classBalanced: true, equalEnergy: true, validationRows: 2)
    var (headless, plain) = (training, training)
    (headless.agentHeads, headless.fusion.epochs) = (false, 8)
    plain.optimizer = .sgd
    training.alternatives = [headless, plain]
    #expect(scenario.training == training)
    #expect(plain.changes(from: training) == ["optimizer: sgd"])
    #expect(headless.changes(from: training) == ["agent_heads: false", "fusion.epochs: 8"])
    #expect(training.changes(from: training.alone).isEmpty)
    #expect(
      scenario.manifold
        == ManifoldSettings(kind: .autoencoder(hidden: 9, slope: 0.5, epochs: 11, learningRate: 0.125), code: 3))
    #expect(scenario.defenses == [DefenseSpec(CoPur.Settings()), DefenseSpec(Unsecured.Settings())])
    var rounds = RoundSettings(deadline: .milliseconds(1500), quorum: 1)
    rounds.isDeadlineGiven = true
    #expect(scenario.rounds == rounds)
    #expect(scenario.seeds == [3, 0])
    #expect(
      try scenario.attacks == [
        AttackSpec(name: "quiet"),
        // In the model's order, not the file's.
        AttackSpec(name: "gone", missing: agents("time", "audio")),
        AttackSpec(
          name: "lie", adversarial: [.init(agents: agents("acc"), attack: FeatureFlipping(amplification: 10))]),
        AttackSpec(
          name: "any",
          adversarial: [
            .init(
              agents: agents("acc"),
              attack: ProjectedGradientDescent(goal: .untargeted, step: 0.1, iterations: 2, direction: .sign))
          ]),
        AttackSpec(
          name: "sit",
          adversarial: [
            .init(
              agents: agents("acc", "time"),
              attack: ProjectedGradientDescent(goal: .targeted(label: 1), direction: .raw))
          ]),
      ])
  }

  @Test("A combination, its list of amplifications expanded, and what results say of it")
  func combination() throws {
    let scenario = try parse(
      """
      name: combined
      dataset: { kind: mnist }
      attacks:
        - name: both
          all:
            - { kind: missing, agents: [top-right] }
            - { kind: feature-flipping, agents: [top-left], amplification: [1, 2.5] }
            - { kind: pgd, agents: [bottom-left], goal: targeted, target: 3 }
      """)
    #expect(scenario.attacks.map(\.name) == ["both x1", "both x2.5"])
    let attack = try #require(scenario.attacks.last)
    #expect(try attack.missing == agents("top-right"))
    #expect(try attack.compromised == agents("top-left", "bottom-left"))
    #expect(attack.kinds == ["missing", "feature-flipping", "pgd"])
    #expect(attack.goal == "targeted")
    #expect(attack.amplification == 2.5)
    #expect(!attack.isClean)
    #expect(AttackSpec(name: "clean").isClean)
    #expect(AttackSpec(name: "clean").kinds.isEmpty)
  }

  @Test("Attackers who know the defence, who look for the worst agents, and who know nothing")
  func furtherAttacks() throws {
    let scenario = try parse(
      """
      name: further
      dataset: { kind: mnist }
      attacks:
        - { name: near, kind: pgd, goal: untargeted, agents: [top-left], project: { norm: linf, radius: 0.25 } }
        - { name: knows, kind: adaptive-pgd, goal: targeted, target: 3, agents: [top-left], step: 2, restarts: 9, draws: 4 }
        - { name: default, kind: adaptive-pgd, goal: untargeted, agents: [top-left] }
        - { name: asks, kind: black-box, goal: untargeted, agents: [top-left], queries: 9 }
        - { name: stuck, kind: constant, agents: [top-left], value: -1 }
        - { name: noise, kind: gaussian, agents: [top-left] }
        - { name: old, kind: replay, agents: [top-left] }
        - { name: row, kind: replay, agents: [top-left], of: 17 }
        - { name: silence, kind: worst-missing, budget: 2, limit: 7 }
        - name: both
          all:
            - { kind: missing, agents: [top-right] }
            - { kind: worst-combination, budget: 1, agents: [top-left, bottom-left], goal: targeted, target: 1,
                attack: { kind: feature-flipping, amplification: 3 } }
      """)
    let one = try agents("top-left")
    let attacks = scenario.attacks.prefix(8).map { AnyHashable($0.adversarial[0].attack) }
    #expect(
      attacks == [
        ProjectedGradientDescent(goal: .untargeted, projection: Projection(norm: .linf, radius: 0.25)),
        AdaptiveDescent(descent: ProjectedGradientDescent(goal: .targeted(label: 3), step: 2), restarts: 9, draws: 4),
        AdaptiveDescent(descent: ProjectedGradientDescent(goal: .untargeted)),
        RandomSearch(goal: .untargeted, queries: 9), ConstantEmbedding(value: -1), GaussianEmbedding(amplification: 1),
        Replay(source: .otherClass), Replay(source: .row(17)),
      ] as [AnyHashable])
    #expect(scenario.attacks.prefix(8).allSatisfy { $0.compromised == one && $0.search == nil })
    #expect(scenario.attacks[3].goal == "untargeted" && scenario.attacks[6].goal == nil)
    let silence = scenario.attacks[8]
    #expect(
      silence.search
        == AttackSpec.Search(candidates: scenario.agents, budget: 2, attack: nil, goal: .untargeted, limit: 7))
    #expect(silence.kinds == ["worst-missing"] && silence.goal == "untargeted" && !silence.isClean)
    let both = scenario.attacks[9]
    #expect(
      both.search
        == AttackSpec.Search(
          candidates: try agents("top-left", "bottom-left"), budget: 1, attack: FeatureFlipping(amplification: 3),
          goal: .targeted(label: 1)))
    #expect(both.kinds == ["missing", "worst-combination", "feature-flipping"] && both.amplification == 3)
    #expect(both.targets(labels: [0, 5], classes: 10) == [1, 1])
  }

  @Test("Any so many agents: the search for the worst ones, and what the attacker of each kind knows")
  func anyAgents() throws {
    let scenario = try parse(
      """
      name: any
      dataset: { kind: mnist }
      attacks:
        - { name: clean }
        - { name: silent, kind: missing, agents: { any: 2 } }
        - { name: adaptive, kind: adaptive-pgd, goal: targeted, target: 3, agents: { any: 1 } }
        - { name: replay, kind: replay, donors: 20, agents: { any: 1, of: [top-left, bottom-left] } }
        - { name: flip, kind: feature-flipping, agents: [top-left] }
        - { name: pgd, kind: pgd, goal: untargeted, agents: [top-left] }
        - name: both
          all: [{ kind: pgd, goal: untargeted, agents: [top-left] }, { kind: missing, agents: { any: 1, of: [top-right] } }]
      """)
    let searches = scenario.attacks.map(\.search)
    #expect(
      searches[1] == AttackSpec.Search(candidates: scenario.agents, budget: 2, attack: nil, goal: .untargeted))
    #expect(
      searches[2]
        == AttackSpec.Search(
          candidates: scenario.agents, budget: 1,
          attack: AdaptiveDescent(descent: ProjectedGradientDescent(goal: .targeted(label: 3))),
          goal: .targeted(label: 3)))
    #expect(
      searches[3]
        == AttackSpec.Search(
          candidates: try agents("top-left", "bottom-left"), budget: 1, attack: Replay(donors: 20), goal: .untargeted))
    #expect(scenario.attacks[1].kinds == ["worst-missing"] && scenario.attacks[1].missing.isEmpty)
    #expect(
      scenario.attacks[2].kinds == ["worst-combination", "adaptive-pgd"] && scenario.attacks[2].compromised.isEmpty)
    #expect(
      scenario.attacks.map(\.knowledge) == [
        nil, .decisions, .defense, .decisions, .nothing, .model, .decisions,
      ])
  }

  @Test(
    "Durations",
    arguments: [("250ms", 250), ("2s", 2000), ("0.5m", 30_000), ("60m", 3_600_000)])
  func durations(text: String, milliseconds: Int) throws {
    let scenario = try parse(
      "{ name: d, dataset: { kind: mnist }, attacks: [{ name: clean }], rounds: { deadline: \(text) } }")
    #expect(scenario.rounds.deadline == .milliseconds(milliseconds))
  }

  @Test("A class is named before it is counted, and quotes make it a name")
  func targets() throws {
    func target(_ text: String) throws -> Int? {
      let scenario = try parse(
        """
        name: t
        dataset: { kind: fashion-mnist }
        attacks: [{ name: a, kind: pgd, goal: targeted, agents: [top-left], target: \(text) }]
        """)
      guard case .targeted(let label) = scenario.attacks[0].adversarial[0].attack.aim else { return nil }
      return label
    }
    #expect(try target("Bag") == 8)
    #expect(try target("9") == 9)
    #expect(throws: ScenarioError.self) { try target("\"9\"") }
  }

  @Test("Settings go to JSON with the scenario's keys, and back")
  func settingsAsJSON() throws {
    let training = TrainingSettings(epochs: 3, validationRows: 5)
    let data = try JSONEncoder().encode(training)
    #expect(try JSONDecoder().decode(TrainingSettings.self, from: data) == training)
    #expect(String(decoding: data, as: UTF8.self).contains("\"validation_rows\":5"))
    for manifold in [ManifoldSettings(code: 2), ManifoldSettings(kind: .autoencoder(slope: 0.3, learningRate: 0.007))] {
      #expect(
        try JSONDecoder().decode(ManifoldSettings.self, from: JSONEncoder().encode(manifold)) == manifold)
    }
  }
}

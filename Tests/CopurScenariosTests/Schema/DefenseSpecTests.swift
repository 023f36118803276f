import CopurCore
import CopurDefenses
import CopurLearning
import CopurScenarios
import CopurTraining
import Foundation
import Testing

struct DefenseSpecTests {
  /// Four agents and ten classes.
  private static func context() throws -> KindContext {
    KindContext(agents: try ["a", "b", "c", "d"].map { try AgentID($0) }, classNames: (0..<10).map { "\($0)" })
  }

  private func parse(_ defenses: String, dataset: String = "{ kind: mnist }") throws -> Scenario {
    let text = "name: d\ndataset: \(dataset)\ndefenses: \(defenses)\nattacks: [{ name: clean }]\n"
    return try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
  }

  @Test("Every kind by its name alone, with the paper's settings")
  func kinds() throws {
    // One that is a program has to name it.
    let names = KindRegistry.defenses.names.filter { $0 != "external" }
    let scenario = try parse("[\(names.joined(separator: ", "))]")
    #expect(scenario.defenses.map(\.name) == names)
    #expect(scenario.defenses.map(\.kind.kind) == names)
    #expect(scenario.defenses.filter(\.kind.isOracle).map(\.name) == ["randomized-smoothing-block", "oracle"])
    #expect(scenario.defenses[2] == DefenseSpec(RandomizedSmoothing.Settings(SmoothingSettings(sigma: 1, draws: 1000))))
    // 2 of 4 agents.
    #expect(
      scenario.modelGroups.map(\.furtherTrainings) == [
        [
          .ablation(settings: AblationTrainingSettings(keep: 2)),
          .adversarial(settings: AdversarialTrainingSettings(goal: .untargeted, step: 0.1, iterations: 30)),
          .adversarial(
            settings: AdversarialTrainingSettings(goal: .untargeted, isBlockwise: true, step: 0.1, iterations: 30)),
        ], [], [],
      ])
    // Votes have models of their own, and so has what training chooses.
    #expect(
      scenario.modelGroups.map { $0.defenses.map(\.name) }[1...] == [["agent-vote", "double-masking"], ["auto"]])
    #expect(scenario.modelGroups.map(\.training.extractor) == [.linear, .voters, .linear])
    #expect(scenario.modelGroups.map(\.protection?.threat) == [nil, nil, Threat(any: 1)])
    #expect(
      AblationTrainingSettings.defaultKeep(agents: 10) == 4 && AblationTrainingSettings.defaultKeep(agents: 1) == 1)
    #expect(AdversarialTrainingSettings(goal: .targeted(label: nil)).step == 0.5)
  }

  /// Words of a command were held to the rule of agents' names, so that two equal ones were refused.
  @Test("A command is taken word for word: equal and empty words, too")
  func commands() throws {
    func spec(_ command: String) throws -> DefenseSpec {
      try #require(try parse("[{ kind: external, name: mine, command: \(command) }]").defenses.first)
    }
    let words = ["python3", "-v", "-v", "", "1", "a, b", "x: y", "{#}", "it's \"so\"\\\n", "null", "é", "&a", " s "]
    let mine = try spec(String(decoding: try JSONEncoder().encode(words), as: UTF8.self))
    // As a process of the fusion center gets it on its command line.
    let again = try DefenseSpec(argument: mine.argument, context: Self.context())
    #expect(
      again == mine && mine.argument.contains(#"[python3, "-v", "-v", "", 1, "a, b", "x: y""#), "\(mine.argument)")
    #expect(again.kind.members.contains { $0.value == .texts(words) })
    for command in ["[]", "['', a]", "[a, ]]", "[[a]]"] { #expect(throws: ScenarioError.self) { try spec(command) } }
  }

  @Test("A defence's own threat stands for it alone, and one that is chosen for it has models of its own")
  func threats() throws {
    let scenario = try parse(
      "[agent-vote, auto, { kind: auto, name: named, protect: { agents: [top-left] } }, "
        + "{ kind: double-masking, name: one, protect: { any: 1 } }]")
    #expect(
      scenario.modelGroups.map(\.protection?.threat) == [
        nil, Threat(any: 1), Threat(agents: [try AgentID("top-left")]),
      ])
    #expect(scenario.modelGroups.map { $0.defenses.map(\.name) } == [["agent-vote", "one"], ["auto"], ["named"]])
    let vote = try DefenseSpec(argument: "{ kind: agent-vote, protect: { agents: [b] } }", context: Self.context())
    #expect((vote.kind as? AgentVote.Settings)?.withoutNames == ["b"])
    // What a bundle's defence was chosen for cannot be changed when it is served.
    #expect(throws: CopurError.self) {
      try DefenseSpec(argument: "{ kind: auto, protect: { any: 1 } }", context: Self.context())
    }
  }

  static let written = [
    "{ kind: randomized-smoothing, name: rs.2, sigma: 0.25, draws: 17 }",
    "{ kind: randomized-smoothing-block, sigma: 1e-3 }", "{ kind: copur-smoothing, draws: 3 }",
    "{ kind: randomized-ablation, keep: 3, ablated: learned, draws: 9, epochs: 4, learning_rate: 0.125 }",
    "{ kind: adversarial-training, name: at_t, goal: targeted, target: 7, step: 0.3, iterations: 5, direction: normalized }",
    "{ kind: adversarial-training-block, epochs: 2, learning_rate: 1 }", "{ kind: oracle, name: truth }", "copur",
  ]

  @Test("What a fusion center's process is told is read as the same defence", arguments: written)
  func arguments(text: String) throws {
    let spec = try #require(try parse("[\(text)]").defenses.first)
    #expect(try DefenseSpec(argument: spec.argument, context: Self.context()) == spec)
    #expect(try DefenseSpec(argument: text, context: Self.context()) == spec)
  }

  @Test("Settings are those written")
  func settings() throws {
    let specs = try parse("[\(Self.written.joined(separator: ", "))]").defenses
    #expect(specs[0] == DefenseSpec(RandomizedSmoothing.Settings(.init(sigma: 0.25, draws: 17)), name: "rs.2"))
    #expect(
      specs[3].kind as? RandomizedAblation.Settings
        == RandomizedAblation.Settings(
          training: .init(keep: 3, null: .learned, epochs: 4, learningRate: 0.125), draws: 9))
    #expect(
      specs[4].kind as? AdversariallyTrained.Settings
        == AdversariallyTrained.Settings(
          .init(goal: .targeted(label: 7), step: 0.3, iterations: 5, direction: .normalized)))
    #expect(
      specs[5].kind as? AdversariallyTrained.Settings
        == AdversariallyTrained.Settings(.init(goal: .untargeted, isBlockwise: true, epochs: 2, learningRate: 1)))
  }

  @Test("Two defences of equal training share a model")
  func shared() throws {
    let scenario = try parse(
      "[{ kind: randomized-ablation, name: a }, { kind: randomized-ablation, name: b, draws: 5 }]")
    #expect(scenario.modelGroups.map(\.furtherTrainings.count) == [1])
  }

  @Test("A defence with a training or a manifold of its own has its own models; what it leaves out is the scenario's")
  func ownModels() throws {
    let scenario = try parse(
      """
      [unsecured, { kind: copur, training: { optimizer: adam, fusion: { epochs: 7 } } }, copur-paper,
       { kind: copur, name: curved, manifold: { kind: autoencoder, code: 50 } },
       { kind: oracle, training: { fusion: { epochs: 7 }, optimizer: adam } }]
      training: { epochs: 3, fusion: { learning_rate: 0.5 } }
      manifold: { code: 2 }
      """)
    let groups = scenario.modelGroups
    #expect(
      groups.map { $0.defenses.map(\.name) } == [["unsecured", "copur-paper"], ["copur", "oracle"], ["curved"]])
    var training = TrainingSettings(epochs: 3, fusion: .init(learningRate: 0.5))
    #expect(groups.map(\.training.optimizer) == [.sgd, .adam, .sgd])
    #expect(groups[0].training == training && groups[2].training == training)
    (training.optimizer, training.fusion.epochs) = (.adam, 7)
    #expect(groups[1].training == training)
    #expect(groups.map(\.manifold.code) == [2, 2, 50] && groups[2].manifold.kind is AutoencoderManifold.Settings)
    #expect(try scenario.models(of: nil) == groups[0] && scenario.models(of: "oracle") == groups[1])
    let error = #expect(throws: CopurError.self) { try scenario.models(of: "none") }
    #expect(error?.message.contains("unsecured, copur, copur-paper, curved, oracle (actual: \"none\")") == true)
  }

  @Test("Votes by voters at the fusion center share the models of others of their training, in the scenario's order")
  func votersAtCenter() throws {
    let scenario = try parse(
      """
      [double-masking, unsecured, agent-vote, { kind: agent-vote, name: far, training: { voters: { at: agents } } },
       { kind: agent-vote, name: other, training: { embedding: 3 } }]
      training: { epochs: 3, voters: { at: center } }
      """)
    let groups = scenario.modelGroups
    #expect(
      groups.map { $0.defenses.map(\.name) } == [["double-masking", "unsecured", "agent-vote"], ["far"], ["other"]])
    #expect(groups.map(\.training.extractor) == [.linear, .voters, .linear])
    #expect(groups.map(\.training.hasVotersAtCenter) == [true, false, true])
    // A vote has no use for a manifold, nor for what purification prefers.
    #expect(groups.map(\.isCalibrated) == [true, false, false])
    #expect(groups[0].manifold.code == nil && groups[2].manifold.code == 1)
    #expect(try scenario.models(of: nil) == groups[0])
    let error = #expect(throws: ScenarioError.self) {
      try parse("[agent-vote]\ntraining: { extractor: voters, voters: { at: center } }")
    }
    #expect("\(try #require(error))".contains("embeddings of other extractors"))
  }

  @Test("Alternatives that no defence would choose among are refused, and those that one does are not")
  func unusedAlternatives() throws {
    let center = "training: { epochs: 3, voters: { at: center }, alternatives: [{ epochs: 4 }] }"
    for defenses in [
      "[agent-vote, double-masking]", "[{ kind: auto, protect: { any: 1 } }]",
      "[unsecured, { kind: agent-vote, name: own, training: { embedding: 3, alternatives: [{ epochs: 4 }] } }]",
    ] {
      let error = #expect(throws: ScenarioError.self, "\(defenses)") { try parse("\(defenses)\n\(center)") }
      #expect("\(try #require(error))".contains("which votes and auto have no use for"), "\(defenses)")
    }
    // The vote is of what purification's training has chosen.
    let scenario = try parse("[agent-vote, copur]\n\(center)")
    #expect(scenario.modelGroups.count == 1 && scenario.modelGroups[0].training.alternatives.count == 1)
  }

  @Test("A training of a defence's own has its own alternatives or none")
  func ownAlternatives() throws {
    let scenario = try parse(
      """
      [unsecured, { kind: copur, training: { agent_heads: true } },
       { kind: oracle, training: { alternatives: [{ hidden: 5 }] } }]
      training: { epochs: 3, alternatives: [{ optimizer: adam }] }
      """)
    let trainings = scenario.modelGroups.map(\.training)
    #expect(trainings.map(\.alternatives.count) == [1, 0, 1])
    #expect(trainings[2].alternatives == [TrainingSettings(epochs: 3, hidden: 5)])
  }

  @Test("The code of a defence's own manifold may be left to choose")
  func ownCode() throws {
    let scenario = try parse("[{ kind: copur, manifold: { code: auto } }, unsecured]\nmanifold: { code: 2 }")
    #expect(scenario.modelGroups.map(\.manifold.code) == [nil, 2])
  }

  @Test("Where the models are given, a training is an error")
  func givenModels() {
    let error = #expect(throws: CopurError.self) {
      try DefenseSpec(argument: "{ kind: copur, training: { epochs: 2 } }", context: Self.context())
    }
    #expect(error?.message.contains("\"training\" is a scenario's to say") == true)
  }

  @Test("Among many classes a targeted training names its target")
  func target() {
    let error = #expect(throws: ScenarioError.self) { try parse("[{ kind: adversarial-training, goal: targeted }]") }
    #expect(error?.message.contains("(target: missing, classes: 10)") == true)
  }

  @Test(
    "A wrong argument says where", arguments: ["copr", "{ kind: randomized-ablation, keep: 5 }", "", "[", "[copur]"])
  func wrong(argument: String) {
    let error = #expect(throws: CopurError.self) {
      try DefenseSpec(argument: argument, context: Self.context())
    }
    #expect(error?.code == .invalidArgument && error?.message.hasPrefix("--defense:") == true)
  }
}

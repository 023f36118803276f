import CopurCore
import CopurDefenses
import CopurScenarios
import Testing

/// Mistakes in a scenario → the place and the words of the message.
struct ScenarioErrorTests {
  /// A line of the scenario below, what to write in its place, and what is then said.
  struct Case: CustomTestStringConvertible {
    let line: Int
    let text: String
    let column: Int
    let message: String
    /// The line of the error, if not the changed one.
    var errorLine: Int?

    init(_ line: Int, _ text: String, column: Int, _ message: String, errorLine: Int? = nil) {
      (self.line, self.text, self.column, self.message, self.errorLine) = (line, text, column, message, errorLine)
    }

    var testDescription: String { text }
  }

  static let scenario = [
    "name: test",
    "dataset: { kind: extrasensory, user: AB, label: SITTING }",
    "agents: [acc, audio, time]",
    "training: { epochs: 5 }",
    "manifold: { kind: autoencoder }",
    "defenses: [unsecured, copur]",
    "attacks:",
    "  - { name: clean }",
    "rounds: { deadline: 250ms }",
    "seeds: [0, 1]",
  ]

  static let cases = [
    // Keys.
    Case(1, "nmae: test", column: 1, "unknown key \"nmae\" in a scenario", errorLine: 1),
    Case(1, "nmae: test", column: 1, "; did you mean \"name\"?"),
    Case(1, "# none", column: 1, "a scenario has the key \"name\" (actual: it is missing)", errorLine: 2),
    Case(9, "timeline: []", column: 1, "either \"attacks\" or a \"timeline\" (actual: both)"),
    Case(1, "{ name: x }: y", column: 1, "expected a key (actual: a mapping)"),
    Case(4, "training: { epoch: 5 }", column: 13, "did you mean \"epochs\"?"),
    Case(4, "training: { epochs: 5, epochs: 6 }", column: 13, "a key is given once (again further down: \"epochs\")"),
    Case(4, "training: { fusion: { rate: 1 } }", column: 23, "unknown key \"rate\" in the fusion model's training"),
    // Types.
    Case(1, "name: [a]", column: 7, "expected a name (actual: a list)"),
    Case(1, "name:", column: 6, "expected a name (actual: nothing)"),
    Case(3, "agents: acc", column: 9, "expected a list of agents (actual: \"acc\")"),
    Case(3, "agents: []", column: 9, "a list of agents has at least one (actual: 0)"),
    Case(4, "training: fast", column: 11, "training: a mapping of keys to values (actual: \"fast\")"),
    Case(4, "training: { epochs: many }", column: 21, "expected a whole number (actual: \"many\")"),
    Case(4, "training: { epochs: 1.5 }", column: 21, "expected a whole number (actual: \"1.5\")"),
    Case(4, "training: { epochs: '5' }", column: 21, "expected a whole number (actual: \"5\")"),
    Case(4, "training: { epochs: 99999999999999999999 }", column: 21, "expected a whole number"),
    Case(4, "training: { learning_rate: .inf }", column: 28, "expected a number (actual: \".inf\")"),
    // Ranges.
    Case(4, "training: { epochs: 0 }", column: 21, "expected at least 1 (actual: 0)"),
    Case(4, "training: { batch: -3 }", column: 20, "expected at least 1 (actual: -3)"),
    Case(4, "training: { embedding: 9999999 }", column: 24, "expected at most 1048576 (actual: 9999999)"),
    Case(4, "training: { learning_rate: 0 }", column: 28, "expected a number over 0 (actual: 0)"),
    Case(4, "training: { slope: 1.5 }", column: 20, "expected a number from 0 to 1 (actual: 1.5)"),
    Case(4, "training: { agent_dropout: 1 }", column: 28, "expected a number from 0 to under 1 (actual: 1)"),
    Case(4, "training: { agent_heads: 3 }", column: 26, "expected true or false (actual: \"3\")"),
    Case(4, "training: { validation_rows: 0 }", column: 30, "expected at least 1 (actual: 0)"),
    Case(
      4, "training: { extractor_start: one }", column: 30,
      "an extractor's start is one of glorot, zero (actual: \"one\")"),
    Case(4, "training: { alternatives: [] }", column: 27, "a list of trainings has at least one (actual: 0)"),
    Case(
      4, "training: { alternatives: [{ epochs: 100 }] }", column: 28,
      "an alternative differs from the training and from other alternatives"),
    Case(
      4, "training: { alternatives: [{ hidden: 3 }, { hidden: 3 }] }", column: 43,
      "an alternative differs from the training and from other alternatives"),
    Case(
      4, "training: { alternatives: [{ validation_rows: 3 }] }", column: 30,
      "unknown key \"validation_rows\" in an alternative training"),
    Case(
      4, "training: { alternatives: [{ alternatives: [] }] }", column: 30,
      "unknown key \"alternatives\" in an alternative training"),
    Case(4, "training: { optimizer: adm }", column: 24, "an optimizer is one of sgd, momentum, adam (actual: \"adm\")"),
    Case(
      4, "training: { extractor: deep }", column: 24,
      "an extractor is one of linear, convolutional, voters, "),
    Case(4, "training: { voters: { trees: 0 } }", column: 30, "(actual: 0)"),
    Case(4, "protect: { any: 99 }", column: 17, "at most"),
    Case(4, "protect: {}", column: 10, "says who may lie"),
    Case(4, "protect: { any: 1, agents: [top-left] }", column: 28, "either \"any\" or \"agents\""),
    Case(4, "protect: { agents: [nobody] }", column: 20, "an agent of the scenario is one of"),
    Case(6, "defenses: [{ kind: auto, protect: { any: 99 } }]", column: 42, "at most"),
    Case(
      6, "defenses: [{ kind: agent-vote, protect: { agents: [nobody] } }]", column: 51, "an agent of the scenario is"),
    // Data.
    Case(2, "dataset: { kind: extrasensry }", column: 18, "did you mean \"extrasensory\"?"),
    Case(2, "dataset: { kind: mnist, user: AB }", column: 25, "unknown key \"user\" in a dataset"),
    Case(2, "dataset: { kind: extrasensory, user: AB }", column: 10, "a dataset has the key \"label\""),
    Case(
      2, "dataset: { kind: extrasensory, user: A, label: B, keep_last_row: 1 }", column: 66, "expected true or false"),
    Case(
      2, "dataset: { kind: extrasensory, user: A, label: B, standardization: test }", column: 68,
      "a standardization is one of training, reference (actual: \"test\")"),
    // Agents and defenses.
    Case(3, "agents: [acc, tiem]", column: 15, "(actual: \"tiem\"); did you mean \"time\"?"),
    Case(3, "agents: [acc, acc]", column: 15, "an agent is named once (twice: \"acc\")"),
    Case(6, "defenses: [copr]", column: 12, "a defense is one of unsecured, manifold-projection, randomized"),
    Case(6, "defenses: [copur, copur]", column: 19, "a defense is named once (twice: \"copur\")"),
    Case(6, "defenses: [[copur]]", column: 12, "expected a defense: unsecured, "),
    Case(6, "defenses: [{ name: a }]", column: 12, "a defense has the key \"kind\""),
    Case(6, "defenses: [{ kind: smoothing }]", column: 20, "a defense's kind is one of unsecured, "),
    Case(
      6, "defenses: [{ kind: copur, sigma: 1 }]", column: 27,
      "unknown key \"sigma\" in a defense (known: kind, name, protect, training, manifold)"),
    Case(6, "defenses: [{ kind: randomized-smoothing, sigm: 1 }]", column: 42, "did you mean \"sigma\"?"),
    Case(6, "defenses: [{ kind: randomized-smoothing, sigma: 0 }]", column: 49, "expected a number over 0 (actual: 0)"),
    Case(6, "defenses: [{ kind: randomized-smoothing, draws: 0 }]", column: 49, "expected at least 1 (actual: 0)"),
    Case(6, "defenses: [{ kind: copur-smoothing, draws: 1000001 }]", column: 44, "expected at most 1000000"),
    Case(6, "defenses: [{ kind: randomized-ablation, keep: 4 }]", column: 47, "expected at most 3 (actual: 4)"),
    Case(
      6, "defenses: [{ kind: randomized-ablation, ablated: one }]", column: 50,
      "what stands for an ablated block is one of zero, learned"),
    Case(
      6, "defenses: [{ kind: adversarial-training, goal: both }]", column: 48, "a goal is one of targeted, untargeted"),
    Case(
      6, "defenses: [{ kind: adversarial-training, target: 1 }]", column: 50,
      "only a targeted adversarial training has a target (goal: untargeted)"),
    Case(
      6, "defenses: [{ kind: adversarial-training, goal: targeted, target: 2 }]", column: 66,
      "or 0 to 1 (actual: \"2\")"),
    Case(
      6, "defenses: [{ kind: adversarial-training-block, direction: sign }]", column: 59,
      "a direction is one of normalized, raw"),
    Case(6, "defenses: [{ kind: copur, name: a b }]", column: 33, "letters, digits, '-', '_' or '.' (actual: \"a b\")"),
    Case(6, "defenses: [{ kind: copur, name: oracle }]", column: 33, "not named as one of another kind (kind: copur"),
    Case(6, "defenses: [copur, { kind: unsecured, name: x }, { kind: oracle, name: x }]", column: 49, "(twice: \"x\")"),
    // Manifold.
    Case(5, "manifold: { code: two }", column: 19, "expected auto or a whole number (actual: \"two\")"),
    Case(5, "manifold: { code: 0 }", column: 19, "expected at least 1 (actual: 0)"),
    Case(5, "manifold: { code: 96 }", column: 19, "narrower than the embedding of all agents (96) (actual: 96)"),
    Case(5, "manifold: { kind: linear, hidden: 9 }", column: 27, "\"hidden\" is an option of the kind autoencoder"),
    // Rounds and seeds.
    Case(9, "rounds: { deadline: 250 }", column: 21, "a duration with a unit: ms, s or m (actual: \"250\")"),
    Case(9, "rounds: { deadline: -1s }", column: 21, "expected a duration from 1ms to 60m (actual: -1s)"),
    Case(9, "rounds: { deadline: 2h }", column: 21, "a duration with a unit: ms, s or m (actual: \"2h\")"),
    Case(9, "rounds: { quorum: 4 }", column: 19, "expected at most 3 (actual: 4)"),
    Case(10, "seeds: []", column: 8, "a list of seeds has at least one (actual: 0)"),
    Case(10, "seeds: [-1]", column: 9, "expected at least 0 (actual: -1)"),
    Case(10, "seeds: [2, 2]", column: 12, "a seed is given once (twice: 2)"),
    // Attacks.
    Case(8, "  - { kind: missing, agents: [acc] }", column: 5, "an attack has the key \"name\""),
    Case(8, "  - clean", column: 5, "expected an attack: a mapping of keys to values (actual: \"clean\")"),
    Case(
      8, "  - { name: a, kind: flip }", column: 22, "an attack's kind is one of clean, missing, feature-flipping, pgd"),
    Case(8, "  - { name: a, agents: [acc] }", column: 5, "an attack that has more than a name has a kind"),
    Case(8, "  - { name: a, kind: missing }", column: 5, "an attack has the key \"agents\""),
    Case(8, "  - { name: a, kind: missing, agents: [] }", column: 39, "a list of agents has at least one"),
    Case(8, "  - { name: a, kind: missing, agents: [watch] }", column: 40, "an agent is one of acc, audio, time"),
    Case(8, "  - { name: a, kind: clean, agents: [acc] }", column: 29, "unknown key \"agents\" in an attack"),
    Case(8, "  - { name: a, kind: missing, agents: [acc, audio, time] }", column: 5, "(min: 1, actual: 0)"),
    Case(
      8, "  - { name: a, kind: feature-flipping, agents: [acc], amplification: -1 }", column: 70,
      "expected a number over 0 (actual: -1)"),
    Case(
      8, "  - { name: a, kind: feature-flipping, agents: [acc], amplification: [] }", column: 70,
      "a list of amplifications has at least one"),
    Case(
      8, "  - { name: a, kind: feature-flipping, agents: [acc], amplification: [1, 1] }", column: 5,
      "attacks have different names (twice: \"a x1\")"),
    Case(8, "  - { name: a }\n  - { name: a }", column: 5, "attacks have different names (twice: \"a\")", errorLine: 9),
    Case(8, "  - { name: a, kind: pgd, agents: [acc] }", column: 5, "an attack has the key \"goal\""),
    Case(
      8, "  - { name: a, kind: pgd, goal: win, agents: [acc] }", column: 33, "a goal is one of targeted, untargeted"),
    Case(
      8, "  - { name: a, kind: pgd, goal: untargeted, target: 1, agents: [acc] }", column: 53,
      "only a targeted attack has a target"),
    Case(
      8, "  - { name: a, kind: pgd, goal: targeted, target: sitting, agents: [acc] }", column: 51,
      "a target is a class: not SITTING, SITTING, or 0 to 1 (actual: \"sitting\"); did you mean \"SITTING\"?"),
    Case(
      8, "  - { name: a, kind: pgd, goal: targeted, target: 2, agents: [acc] }", column: 51, "or 0 to 1 (actual: \"2\")"
    ),
    Case(
      8, "  - { name: a, all: [{ kind: missing, agents: [acc] }, { kind: feature-flipping, agents: [acc] }] }",
      column: 90, "disjoint (\"acc\" is in missing and in feature-flipping)"),
    Case(
      8,
      "  - { name: a, all: [{ kind: feature-flipping, agents: [acc] }, { kind: pgd, goal: untargeted, agents: [acc] }] }",
      column: 104, "disjoint (\"acc\" is in feature-flipping and in pgd)"),
    Case(8, "  - { name: a, all: [{ agents: [acc] }] }", column: 22, "a part of an attack has the key \"kind\""),
    Case(8, "  - { name: a, all: [{ kind: missing, name: b, agents: [acc] }] }", column: 39, "unknown key \"name\""),
    Case(8, "  - { name: a, kind: pgd, all: [] }", column: 16, "unknown key \"kind\" in an attack (known: name, all)"),
    Case(
      8, "  - { name: a, kind: pgd, goal: untargeted, agents: [acc], project: { norm: l1, radius: 1 } }", column: 77,
      "a norm is one of l2, linf (actual: \"l1\"); did you mean \"l2\"?"),
    Case(
      8, "  - { name: a, kind: pgd, goal: untargeted, agents: [acc], project: { norm: l2, radius: 0 } }", column: 89,
      "expected a number over 0 (actual: 0)"),
    Case(
      8, "  - { name: a, kind: pgd, goal: untargeted, agents: [acc], project: { norm: l2 } }", column: 69,
      "a projection has the key \"radius\" (actual: it is missing)"),
    Case(
      8, "  - { name: a, kind: pgd, goal: untargeted, agents: [acc], restarts: 3 }", column: 60,
      "unknown key \"restarts\" in an attack"),
    Case(8, "  - { name: a, kind: adaptive-pdg }", column: 22, "did you mean \"adaptive-pgd\"?"),
    Case(8, "  - { name: a, kind: adaptive-pgd, agents: [acc] }", column: 5, "an attack has the key \"goal\""),
    Case(
      8, "  - { name: a, kind: adaptive-pgd, goal: untargeted, agents: [acc], restarts: 0 }", column: 79,
      "expected at least 1 (actual: 0)"),
    Case(
      8, "  - { name: a, kind: black-box, goal: untargeted, agents: [acc], queries: 0 }", column: 75,
      "expected at least 1 (actual: 0)"),
    Case(
      8, "  - { name: a, kind: black-box, goal: untargeted, agents: [acc], step: 1 }", column: 66,
      "unknown key \"step\" in an attack"),
    Case(
      8, "  - { name: a, kind: constant, agents: [acc], value: much }", column: 54,
      "expected a number (actual: \"much\")"),
    Case(
      8, "  - { name: a, kind: gaussian, agents: [acc], amplification: [1, -2] }", column: 66,
      "expected a number over 0 (actual: -2)"),
    Case(
      8, "  - { name: a, kind: replay, agents: [acc], of: other-clas }", column: 49,
      "expected other-class, any or a whole number (actual: \"other-clas\"); did you mean \"other-class\"?"),
    Case(
      8, "  - { name: a, kind: replay, agents: [acc], of: -1 }", column: 49, "expected at least 0 (actual: -1)"),
    Case(
      8, "  - { name: a, kind: replay, agents: [acc], donors: 0 }", column: 53, "expected at least 1 (actual: 0)"),
    Case(
      8, "  - { name: a, kind: missing, agents: { any: 0 } }", column: 46, "expected at least 1 (actual: 0)"),
    Case(
      8, "  - { name: a, kind: replay, agents: { any: 2, of: [acc] } }", column: 45, "expected at most 1 (actual: 2)"),
    Case(8, "  - { name: a, kind: replay, agents: { of: [acc] } }", column: 38, "has the key \"any\""),
    Case(
      8, "  - { name: a, kind: feature-flipping, agents: { any: 1 }, amplification: [1, 2] }", column: 5,
      "an attack of any agents has one amplification (actual: a list of 2)"),
    Case(8, "  - { name: a, kind: worst-missing }", column: 5, "an attack has the key \"budget\""),
    Case(
      8, "  - { name: a, kind: worst-missing, budget: 2, agents: [acc] }", column: 45, "expected at most 1 (actual: 2)"),
    Case(8, "  - { name: a, kind: worst-missing, budget: 3 }", column: 5, "(min: 1, actual: 0)"),
    Case(
      8, "  - { name: a, kind: worst-missing, budget: 1, attack: { kind: pgd } }", column: 48,
      "unknown key \"attack\" in an attack"),
    Case(8, "  - { name: a, kind: worst-combination, budget: 1 }", column: 5, "an attack has the key \"attack\""),
    Case(
      8, "  - { name: a, kind: worst-combination, budget: 1, attack: { kind: missing } }", column: 68,
      "its kind is one of feature-flipping, pgd, adaptive-pgd"),
    Case(
      8, "  - { name: a, kind: worst-combination, budget: 1, attack: { kind: constant, agents: [acc] } }", column: 78,
      "unknown key \"agents\" in the attack of a combination"),
    Case(
      8,
      "  - { name: a, all: [{ kind: worst-missing, budget: 1, agents: [acc] }, "
        + "{ kind: worst-missing, budget: 1, agents: [time] }] }",
      column: 115, "one part of an attack searches for the worst agents"),
    Case(
      8,
      "  - { name: a, all: [{ kind: missing, agents: [acc] }, { kind: worst-missing, budget: 1, agents: [acc, time] }] }",
      column: 98, "disjoint (\"acc\" is in missing and in worst-missing)"),
    // YAML itself.
    Case(8, "  - { name: a", column: 7, "no valid YAML: ", errorLine: 9),
    Case(8, "  - { name: *a }", column: 13, "no valid YAML: found undefined alias"),
    Case(8, "  - \(String(repeating: "[", count: 100))", column: 68, "values nest at most 64 deep"),
  ]

  @Test("A line that breaks a rule", arguments: cases)
  func errors(_ wrong: Case) {
    var lines = Self.scenario
    lines[wrong.line - 1] = wrong.text
    let document = ScenarioDocument(text: lines.joined(separator: "\n"), file: "s.yaml")
    let error = #expect(throws: ScenarioError.self) { try Scenario(parsing: document) }
    #expect(error?.line == wrong.errorLine ?? wrong.line)
    #expect(error?.column == wrong.column)
    #expect(error?.message.contains(wrong.message) == true, "\(error?.message ?? "")")
  }

  @Test("The scenario that the table changes is right by itself")
  func right() throws {
    let document = ScenarioDocument(text: Self.scenario.joined(separator: "\n"), file: "s.yaml")
    #expect(try Scenario(parsing: document).agents.count == 3)
  }

  @Test("A list of attacks has at least one")
  func noAttacks() {
    let document = ScenarioDocument(text: "name: x\ndataset: { kind: mnist }\nattacks: []", file: "s.yaml")
    let error = #expect(throws: ScenarioError.self) { try Scenario(parsing: document) }
    #expect(error?.description.hasPrefix("s.yaml:3:10: error: a list of attacks has at least one (actual: 0)") == true)
  }

  @Test("A targeted attack among many classes names its target")
  func missingTarget() {
    let text = """
      name: t
      dataset: { kind: mnist }
      attacks: [{ name: a, kind: pgd, goal: targeted, agents: [top-left] }]
      """
    let error = #expect(throws: ScenarioError.self) {
      try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
    }
    #expect(error?.message.contains("(target: missing, classes: 10)") == true)
    #expect(error?.line == 3)
  }

  @Test("An empty file, a list, a bare word", arguments: ["", "# nothing\n", "- a\n", "word", "\u{0}", "a\tb:\n\t- c"])
  func noScenario(text: String) {
    #expect(throws: ScenarioError.self) { try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml")) }
  }

  @Test("Indentation as deep as a file of the allowed size can have it is an error like any other")
  func deepIndentation() {
    let text = (0..<1400).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
    #expect(throws: ScenarioError.self) { try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml")) }
  }

  @Test("The message shows file, line, column, the line and a caret under the place, tabs and wide letters included")
  func description() {
    let lines = Self.scenario.map { $0.hasPrefix("defenses") ? "defenses: [ \"unsecured\",\t\"ä\" ]  # ü" : $0 }
    let document = ScenarioDocument(text: lines.joined(separator: "\r\n"), file: "dir/s.yaml")
    let error = #expect(throws: ScenarioError.self) { try Scenario(parsing: document) }
    #expect(
      error?.description == """
        dir/s.yaml:6:26: error: a defense is one of \(KindRegistry.defenses.names.joined(separator: ", ")) (actual: "ä")
        defenses: [ "unsecured",\t"ä" ]  # ü
                                \t^
        """)
  }
}

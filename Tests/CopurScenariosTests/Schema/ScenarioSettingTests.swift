import CopurAttacks
import CopurCore
import CopurDefenses
import CopurScenarios
import Testing

/// `--set KEY=VALUE`: where a value goes, and what is said of one that goes nowhere.
struct ScenarioSettingTests {
  private static let text = """
    name: test
    dataset: { kind: mnist, train_rows: 10 }
    training: { epochs: 5, embedding: 8 }
    manifold: { kind: linear, code: 2 }
    defenses: [unsecured, { kind: copur, name: ours }]
    attacks:
      - { name: clean }
      - { name: flip, kind: feature-flipping, agents: [top-left], amplification: 10 }
      - { name: "flip x0.5", kind: feature-flipping, agents: [top-left], amplification: 0.5 }
    seeds: [0]
    """

  private func parse(_ settings: String..., text: String = Self.text) throws -> Scenario {
    let changes = try settings.map { try ScenarioSetting(parsing: $0) }
    return try #require(
      ScenarioOrSweep(parsing: ScenarioDocument(text: text, file: "s.yaml"), settings: changes).scenarios.first)
  }

  @Test("Keys of mappings, items of lists by number and by name, whole lists")
  func paths() throws {
    let scenario = try parse(
      "training.embedding=16", "training.fusion.epochs=3", "manifold.code=", "seeds=[3, 4]",
      "defenses.ours.name=theirs",
      "attacks.1.amplification=3", "attacks.\"flip x0.5\".amplification=0.25", "rounds.quorum=2")
    #expect((scenario.training.embedding, scenario.training.epochs, scenario.training.fusion.epochs) == (16, 5, 3))
    #expect(scenario.manifold.code == nil)
    #expect(scenario.seeds == [3, 4])
    #expect(scenario.defenses.map(\.name) == ["unsecured", "theirs"])
    #expect(scenario.attacks.count == 3)
    #expect(scenario.rounds.quorum == 2)
    // The same as a file that says it.
    let changed = try parse(
      text: Self.text.replacing("amplification: 10", with: "amplification: 3")
        .replacing("amplification: 0.5 }", with: "amplification: 0.25 }"))
    #expect(scenario.attacks == changed.attacks)
  }

  @Test("Later settings have the word, an empty value takes a key or an item out, and a new mapping is made")
  func order() throws {
    let scenario = try parse(
      "training.epochs=6", "training.epochs=7", "attacks.flip=", "protect.missing=1", "defenses.unsecured=copur-paper")
    #expect(scenario.training.epochs == 7)
    #expect(scenario.attacks.map(\.name) == ["clean", "flip x0.5"])
    #expect(scenario.defenses.map(\.name) == ["copur-paper", "ours"])
    #expect(scenario.settings.count == 5)
    #expect(try parse("launch.kind=local").settings == [])
    // The file as it is, for the record.
    #expect(scenario.source == Self.text)
  }

  @Test(
    "A wrong setting is quoted with a caret under the part that is wrong",
    arguments: [
      ("training.embedding", "a setting is KEY=VALUE", 1),
      ("training.embeding=16", "did you mean \"embedding\"?", 10),
      ("traning.embedding=16", "did you mean \"training\"?", 1),
      ("training..embedding=16", "a path is keys with dots between", 10),
      ("\"training=16", "a setting is KEY=VALUE", 1),
      ("training.embedding=many", "expected a whole number (actual: \"many\")", 20),
      ("training.embedding=0", "expected at least 1 (actual: 0)", 20),
      ("name.first=x", "unknown", 0),
      ("attacks.flop.amplification=3", "did you mean \"flip\"?", 9),
      ("attacks.7.amplification=3", "has items 0 to 2: clean, flip, flip x0.5 (actual: \"7\")", 9),
      ("training.epochs.first=3", "\"training.epochs\" has a value and no keys (actual: \"5\")", 17),
      ("training.hidden=", "only a key that is there can be taken out", 10),
      ("seeds=[0, 0]", "", 0),
      ("seeds=[0", "", 0),
    ])
  func errors(text: String, message: String, column: Int) throws {
    let error = #expect(throws: ScenarioError.self) { try parse(text) }
    let said = error?.description ?? ""
    if column > 0 {
      #expect(said.hasPrefix("--set: error: ") && said.contains(message), "\(said)")
      #expect(said.hasSuffix("\n\(text)\n\(String(repeating: " ", count: column - 1))^"), "\(said)")
    }
  }
}

import CopurCore
import CopurReports
import CopurScenarios
import Testing

/// `sweep:` in a scenario: axes, points and their names.
struct SweepTests {
  private func load(_ sweep: String, _ settings: String...) throws -> ScenarioOrSweep {
    let text = """
      name: test
      dataset: { kind: mnist, train_rows: 10 }
      training: { epochs: 5 }
      manifold: { kind: linear, code: 2 }
      attacks:
        - { name: clean }
        - { name: flip, kind: feature-flipping, agents: [top-left], amplification: 10 }
      seeds: [0, 1]
      sweep: \(sweep)
      """
    return try ScenarioOrSweep(
      parsing: ScenarioDocument(text: text, file: "s.yaml"), settings: settings.map { try ScenarioSetting(parsing: $0) }
    )
  }

  private func sweep(_ text: String, _ settings: String...) throws -> Sweep {
    let loaded = try settings.isEmpty ? load(text) : load(text, settings[0])
    guard case .sweep(let sweep) = loaded else { throw CopurError(.software, "no sweep") }
    return sweep
  }

  @Test("All values of every axis with all of the others, the last axis first")
  func product() throws {
    let sweep = try sweep("{ training.embedding: [8, 16], attacks.flip.amplification: { from: 1, to: 5, step: 2 } }")
    #expect(sweep.axes.map(\.key) == ["training.embedding", "attacks.flip.amplification"])
    #expect(sweep.axes.map(\.label) == ["embedding", "amplification"])
    #expect(
      sweep.points.map(\.name) == [
        "embedding=8,amplification=1", "embedding=8,amplification=3", "embedding=8,amplification=5",
        "embedding=16,amplification=1", "embedding=16,amplification=3", "embedding=16,amplification=5",
      ])
    #expect(sweep.points.map(\.scenario.training.embedding) == [8, 8, 8, 16, 16, 16])
    #expect(sweep.points.map(\.scenario.point) == sweep.points.map(\.name))
    #expect(Set(sweep.points.map(\.scenario.attacks)).count == 3)
    #expect(sweep.points.allSatisfy { $0.scenario.seeds == [0, 1] && $0.scenario.name == "test" })
  }

  @Test("Points one by one")
  func points() throws {
    let sweep = try sweep("[{ training.embedding: 8, manifold.code: 1 }, { training.embedding: 16, manifold.code: 4 }]")
    #expect(sweep.points.map(\.name) == ["embedding=8,code=1", "embedding=16,code=4"])
    #expect(sweep.points.map(\.scenario.manifold.code) == [1, 4])
    #expect(sweep.axes.map(\.values) == [["8", "16"], ["1", "4"]])
  }

  @Test(
    "Ranges: steps in decimal digits, so many points, equal ratios",
    arguments: [
      ("{ from: 1, to: 3 }", ["1", "2", "3"]),
      ("{ from: 0.1, to: 0.5, step: 0.1 }", ["0.1", "0.2", "0.3", "0.4", "0.5"]),
      ("{ from: 1, to: 6, step: 2 }", ["1", "3", "5"]), ("{ from: 1, to: 2, points: 3 }", ["1", "1.5", "2"]),
      ("{ from: 0.001, to: 10, points: 5, scale: log }", ["0.001", "0.01", "0.1", "1", "10"]),
    ])
  func ranges(text: String, values: [String]) throws {
    #expect(try sweep("{ attacks.flip.amplification: \(text) }").axes[0].values == values)
  }

  @Test("Whole sections and lists are values, and null leaves a key out")
  func values() throws {
    let sweep = try sweep("{ defenses: [[copur], [copur, unsecured]], manifold.code: [2, null] }")
    #expect(
      sweep.points.map(\.name).allSatisfy { name in
        name.unicodeScalars.allSatisfy { $0.isASCII && $0 != "/" && $0.value > 32 }
      })
    #expect(Set(sweep.points.map(\.name)).count == 4)
    #expect(sweep.points.map(\.scenario.defenses.count) == [1, 1, 2, 2])
    #expect(sweep.points.map(\.scenario.manifold.code) == [2, nil, 2, nil])
  }

  @Test("Names are those of folders, differ where values do, and tell keys of one name apart")
  func names() throws {
    let words = try sweep("{ attacks.flip.name: ['a/b', 'a_b', \"../..\", '\(String(repeating: "x", count: 300))'] }")
    #expect(Set(words.points.map(\.name)).count == 4)
    for point in words.points {
      #expect(!point.name.contains("/") && !point.name.hasPrefix(".") && point.name.utf8.count <= 120, "\(point.name)")
    }
    #expect(words.points[1].name == "name=a_b")
    let twice = try sweep("{ training.epochs: [1, 2], training.fusion.epochs: [3] }")
    #expect(twice.points[0].name == "training.epochs=1,fusion.epochs=3")
  }

  @Test("Without the section, and with an empty one, it is one scenario; settings change and add a sweep")
  func settings() throws {
    #expect(try load("").scenarios.map(\.point) == [nil])
    #expect(try load("{ training.embedding: [8, 16] }", "sweep=").scenarios.map(\.point) == [nil])
    let added = try sweep("", "sweep={ training.epochs: [1, 2] }")
    #expect(added.points.map(\.name) == ["epochs=1", "epochs=2"])
    #expect(added.points.map(\.scenario.settings) == [added.settings, added.settings])
    #expect(added.withSeeds([7]).points.allSatisfy { $0.scenario.seeds == [7] })
  }

  @Test("A mistake that all points have is none of the first point")
  func mistakeOfAll() throws {
    let error = #expect(throws: ScenarioError.self) {
      try load("{ training.embedding: [8, 16] }", "trainin.epochs=1")
    }
    #expect(error?.message.hasSuffix("did you mean \"training\"?") == true, "\(error?.description ?? "")")
  }

  @Test(
    "Every point is checked before anything is run",
    arguments: [
      ("{ training.embeding: [8] }", "did you mean \"embedding\"?"),
      ("{ training.embedding: [8, many] }", "expected a whole number (actual: \"many\") (point embedding=many)"),
      ("{ training.embedding: [8, 0, 16] }", "expected at least 1 (actual: 0) (point embedding=0)"),
      ("{ training.embedding: [8, 8] }", "the values of an axis differ (twice: 8)"),
      ("{ training.embedding: 8 }", "expected a list of values, or a range"),
      ("{ training.embedding: [] }", "has at least one (actual: 0)"),
      ("{}", "a sweep has at least one key (actual: 0)"),
      ("{ seeds: [[0], [1]] }", "\"seeds\" is no axis of a sweep: every point runs all of them"),
      ("{ name: [a, b] }", "\"name\" is no axis of a sweep"),
      ("{ training: [{ epochs: 1 }], training.epochs: [2] }", "the keys of a sweep are apart"),
      ("{ manifold.code: { from: 3, to: 1 } }", "a range goes up (from: 3, to: 1)"),
      ("{ manifold.code: { from: 1, to: 3, step: 0 } }", "a step is over 0 (actual: 0)"),
      ("{ manifold.code: { from: 1, to: 3, step: 1, points: 3 } }", "a step or a number of points (actual: both)"),
      ("{ manifold.code: { from: 0, to: 3, points: 3, scale: log } }", "a logarithmic range is over 0 (actual: 0)"),
      ("{ manifold.code: { from: 1, to: 1e9 } }", "a range has at most 10000 values"),
      ("{ manifold.code: { from: 1, to: 999 }, training.epochs: { from: 1, to: 999 } }", "at most 10000 points"),
      ("[{ manifold.code: 1 }, { manifold.kode: 1 }]", "did you mean \"manifold.code\"?"),
      ("[{ manifold.code: 1 }, { manifold.code: 1 }]", "the points of a sweep differ (twice: 1)"),
    ])
  func errors(text: String, message: String) throws {
    let error = #expect(throws: ScenarioError.self) { try load(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}

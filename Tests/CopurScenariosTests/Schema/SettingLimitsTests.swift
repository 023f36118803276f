import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
import CopurLaunch
import CopurScenarios
import Testing

/// Every number of every kind at its limits, and one beyond: an error with line and caret, or a scenario, never a trap.
///
/// `embedding` and `hidden` may each be 2²⁰, and their product once ended the process with exit code 134.
struct SettingLimitsTests {
  /// A value of a setting, and whether the setting takes it by itself.
  private struct Probe {
    var text: String
    var isAllowed: Bool
  }

  /// A number by one beyond a bound, which itself may be the last that an integer can be.
  private static func beyond(_ bound: Int, by step: Int) -> String {
    let (value, isOver) = bound.addingReportingOverflow(step)
    return isOver ? "\(Double(bound) * 2)" : "\(value)"
  }

  private static func probes(of type: SettingType) -> [Probe] {
    switch type {
    case .integer(let range), .choiceOrInteger(_, _, let range):
      [
        Probe(text: "\(range.lowerBound)", isAllowed: true), Probe(text: "\(range.upperBound)", isAllowed: true),
        Probe(text: beyond(range.lowerBound, by: -1), isAllowed: false),
        Probe(text: beyond(range.upperBound, by: 1), isAllowed: false),
        Probe(text: "9999999999999999999999", isAllowed: false), Probe(text: "1.5", isAllowed: false),
      ]
    case .number(let rule), .choiceOrNumber(_, _, let rule):
      ["0", "-1", "1", "0.999", "3.4e38", "-3.4e38", "1e-45", "1e39", "nan", "inf"].map { text in
        let value = Float(text)
        return Probe(text: text, isAllowed: value.map { $0.isFinite && rule.allows($0) } ?? false)
      }
    default: []
    }
  }

  /// Parses, and expects an error where the value breaks the setting's own rule. One that does not may still go against the
  /// others.
  private func check(_ text: String, _ probe: Probe, _ name: String) {
    do {
      let scenario = try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
      #expect(probe.isAllowed, "\(name): \(probe.text) was taken")
      #expect(!scenario.defenses.isEmpty)
    } catch {
      #expect(!error.message.isEmpty && error.line >= 1)
    }
  }

  private static let header = "name: s\ndataset: { kind: mnist }\n"
  private static let tail = "attacks: [{ name: clean }]\n"

  /// Checks every number of some settings, and of those within them.
  ///
  /// - Parameter wrap: A scenario with keys and values in their place.
  private func walk(_ section: String, _ settings: [SettingDescription], wrap: (String) -> String) {
    for setting in settings {
      let name = "\(section).\(setting.key)"
      switch setting.type {
      case .mapping(_, let inner): walk(name, inner) { wrap("\(setting.key): { \($0) }") }
      case .choiceWithSettings(_, let choices):
        for choice in choices {
          walk("\(name).\(choice.name)", choice.settings) { wrap("\(setting.key): { kind: \(choice.name), \($0) }") }
        }
      default: break
      }
      for probe in Self.probes(of: setting.type) { check(wrap("\(setting.key): \(probe.text)"), probe, name) }
    }
  }

  @Test("settings of the training, its fusion model, the manifold, and who may lie; also of one defence alone")
  func sections() {
    ScenarioKinds.register()
    let (training, manifold) = (
      TrainingSettings.settings.map(\.description), ManifoldSettings.settings
    )
    let protect = Threat.settings.map(\.description)
    walk("training", training) { Self.header + "training: { \($0) }\n" + Self.tail }
    walk("alternatives", TrainingSettings.each.map(\.description)) {
      Self.header + "training: { alternatives: [{ \($0) }] }\n" + Self.tail
    }
    walk("manifold", manifold) { Self.header + "manifold: { kind: autoencoder, \($0) }\n" + Self.tail }
    walk("protect", protect) { Self.header + "protect: { \($0) }\n" + Self.tail }
    for (section, settings) in [("training", training), ("manifold", manifold), ("protect", protect)] {
      walk("defenses.\(section)", settings) {
        Self.header + "defenses: [{ kind: copur, \(section): { \($0) } }]\n" + Self.tail
      }
    }
  }

  @Test("numbers of rounds, launchers, seeds, timelines, sweeps, and of agents that are searched")
  func others() {
    let whole = SettingType.integer(1...4)
    let anyWhole = SettingType.integer(0...Int.max)
    for (name, type, wrap) in [
      ("quorum", whole, { Self.header + "rounds: { quorum: \($0) }\n" + Self.tail }),
      (
        "agents_per_process", .integer(LaunchSettings.agentsPerProcessRange),
        { Self.header + "launch: { kind: local, agents_per_process: \($0) }\n" + Self.tail }
      ),
      ("seeds", anyWhole, { Self.header + "seeds: [\($0)]\n" + Self.tail }),
      ("any", .integer(1...3), { Self.header + "attacks: [{ name: a, kind: missing, agents: { any: \($0) } }]\n" }),
      ("budget", .integer(1...3), { Self.header + "attacks: [{ name: a, kind: worst-missing, budget: \($0) }]\n" }),
      (
        "limit", .integer(1...1_000_000),
        { Self.header + "attacks: [{ name: a, kind: worst-missing, budget: 1, limit: \($0) }]\n" }
      ),
      ("rate", .number(.positive), { Self.header + "timeline: { duration: 1s, rate: \($0), events: [] }\n" }),
      (
        "event amplification", .number(.positive),
        {
          Self.header + "timeline: { duration: 2s, events: [{ at: 1s, agents: [top-left], kind: feature-flipping, "
            + "amplification: \($0) }] }\n"
        }
      ),
      (
        "amplifications", .number(.positive),
        {
          Self.header
            + "attacks: [{ name: a, kind: feature-flipping, agents: [top-left], amplification: [1, \($0)] }]\n"
        }
      ),
    ] as [(String, SettingType, (String) -> String)] {
      for probe in Self.probes(of: type) where name != "seeds" || probe.text != "9223372036854775808" {
        check(wrap(probe.text), probe, name)
      }
    }
  }

  @Test(
    "Durations at their limits and beyond",
    arguments: [
      "0s", "-1s", "1ms", "60m", "61m", "1e300s", "1e308m", "0x1s", "nans", "infm", "9223372036854775807m", "s",
    ])
  func durations(_ text: String) {
    let probe = Probe(text: text, isAllowed: ["1ms", "60m"].contains(text))
    check(Self.header + "rounds: { deadline: \(text) }\n" + Self.tail, probe, "deadline")
    // A rate of 10 rounds a second is allowed for any of these.
    check(Self.header + "timeline: { duration: \(text), events: [] }\n", probe, "duration")
  }

  @Test(
    "Sweeps at their limits and beyond, which end",
    arguments: [
      "{ from: 1, to: 1000, step: 1 }", "{ from: 1, to: 1e37 }", "{ from: 0, to: 1, step: 1e-45 }",
      "{ from: 0, to: 1, step: 0 }", "{ from: 0, to: 1, step: -1 }", "{ from: 1, to: 0 }", "{ from: nan, to: 1 }",
      "{ from: 0, to: 3.4e38, points: 3 }", "{ from: 1, to: 2, points: 1 }",
      "{ from: 1, to: 2, points: 1000000000000 }",
      "{ from: 0, to: 1, points: 3, scale: log }", "{ from: 1e-45, to: 3.4e38, points: 1000, scale: log }",
      // A step under the last of a decimal's 38 digits.
      "{ from: 1e37, to: 10000000000000000000000000000000000001, step: 0.01 }", "[]", "[1, 1]",
    ])
  func sweeps(_ values: String) {
    for key in ["training.learning_rate", "training.embedding", "attacks.a.amplification"] {
      let text =
        Self.header
        + "attacks: [{ name: a, kind: feature-flipping, agents: [top-left] }]\nsweep: { \(key): \(values) }\n"
      do {
        guard case .sweep(let sweep) = try ScenarioOrSweep(parsing: ScenarioDocument(text: text, file: "s.yaml")) else {
          Issue.record("\(key): \(values) is a sweep")
          continue
        }
        #expect((1...Sweep.maximumPoints).contains(sweep.points.count))
      } catch {
        #expect(!error.message.isEmpty && error.line >= 1)
      }
    }
  }

  @Test("settings of every defence")
  func defenses() {
    for entry in KindRegistry.defenses.entries {
      for setting in entry.settings {
        for probe in Self.probes(of: setting.type) {
          let text = "defenses: [{ kind: \(entry.name), \(setting.key): \(probe.text) }]\n"
          check(Self.header + text + Self.tail, probe, "\(entry.name).\(setting.key)")
        }
      }
    }
  }

  @Test("settings of every attack")
  func attacks() {
    for entry in KindRegistry.attacks.entries {
      let goal = entry.settings.contains { $0.key == "goal" } ? ", goal: untargeted" : ""
      for setting in entry.settings {
        for probe in Self.probes(of: setting.type) {
          let text =
            "attacks: [{ name: a, kind: \(entry.name), agents: [top-left]\(goal), \(setting.key): \(probe.text) }]\n"
          check(Self.header + text, probe, "\(entry.name).\(setting.key)")
        }
      }
    }
  }

  @Test("settings of every data set")
  func datasets() {
    for entry in KindRegistry.datasets.entries {
      for setting in entry.settings {
        for probe in Self.probes(of: setting.type) {
          let text = "name: s\ndataset: { kind: \(entry.name), \(setting.key): \(probe.text) }\n"
          check(text + Self.tail, probe, "\(entry.name).\(setting.key)")
        }
      }
    }
  }

  @Test(
    "Products of settings that each alone are allowed",
    arguments: [
      ("training: { embedding: 1048576, hidden: 1048576 }", "agents × embedding × hidden"),
      ("training: { hidden: 1048576, embedding: 1048576 }", "agents × embedding × hidden"),
      ("training: { batch: 1048576, embedding: 4096, hidden: 2 }", "batch × the wider"),
      ("manifold: { kind: autoencoder, hidden: 1048576 }\ntraining: { embedding: 1024, hidden: 1 }", "× hidden"),
    ])
  func products(section: String, rule: String) {
    let error = #expect(throws: ScenarioError.self) {
      try Scenario(parsing: ScenarioDocument(text: Self.header + section + "\n" + Self.tail, file: "s.yaml"))
    }
    #expect(error?.message.contains(rule) == true && error?.message.contains("(actual:") == true)
  }
}

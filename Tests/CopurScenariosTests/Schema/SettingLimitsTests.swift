import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
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

  private static func probes(of type: SettingType) -> [Probe] {
    switch type {
    case .integer(let range), .choiceOrInteger(_, _, let range):
      [
        Probe(text: "\(range.lowerBound)", isAllowed: true), Probe(text: "\(range.upperBound)", isAllowed: true),
        Probe(text: "\(range.lowerBound - 1)", isAllowed: false),
        Probe(text: "\(range.upperBound + 1)", isAllowed: false),
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

  @Test("settings of the training, its fusion model and the manifold")
  func sections() {
    func walk(_ section: String, _ settings: [SettingDescription], wrap: (String) -> String) {
      for setting in settings {
        if case .mapping(_, let inner) = setting.type {
          walk("\(section).\(setting.key)", inner) { wrap("\(setting.key): { \($0) }") }
        }
        for probe in Self.probes(of: setting.type) {
          check(
            Self.header + wrap("\(setting.key): \(probe.text)") + "\n" + Self.tail, probe, "\(section).\(setting.key)")
        }
      }
    }
    walk("training", TrainingSettings.settings.map(\.description)) { "training: { \($0) }" }
    walk("manifold", ManifoldSettings.settings.map(\.description)) { "manifold: { kind: autoencoder, \($0) }" }
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

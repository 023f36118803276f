internal import CopurAttacks
internal import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurLaunch
internal import Foundation

/// Everything that a scenario may say, written from the kinds and settings themselves: a page of the documentation, and a
/// schema by which editors complete and check.
public struct ScenarioReference {
  /// A kind or section: its settings, and what holds where a scenario does not give them.
  struct Section {
    var name: String
    var summary: String
    var settings: [SettingDescription]
    var defaults: [String: String]
  }

  let datasets: [Section]
  let attacks: [Section]
  let defenses: [Section]

  /// The reference of all kinds that are registered.
  public init() {
    datasets = KindRegistry.datasets.entries.map(Section.init)
    defenses = ScenarioKinds.defenses.entries.map(Section.init)
    let agents = SettingDescription(
      "agents", .texts(of: "agents", atLeast: 1),
      "the agents that do it; or `{ any: q }`, the worst q at most for each sample, of all agents or `of:` a list",
      isRequired: true)
    let candidates = SettingDescription(
      "agents", .texts(of: "agents", atLeast: 1), "among whom; all agents if left out")
    let search =
      [
        SettingDescription("budget", .integer(1...1_000_000), "how many agents at most", isRequired: true), candidates,
        SettingDescription(
          "limit", .integer(1...1_000_000), "the most choices that are all tried, before one agent at a time"),
      ] + AttackGoal.settings(isRequired: false).map(\.description)
    let searchDefaults = ["limit": "1000", "goal": "untargeted"]
    attacks =
      [
        Section(name: "clean", summary: "Nobody is attacked.", settings: [], defaults: [:]),
        Section(name: "missing", summary: "Agents that send nothing.", settings: [agents], defaults: [:]),
      ]
      + ScenarioKinds.attacks.entries.map { entry in
        var section = Section(entry)
        section.settings.insert(agents, at: 0)
        return section
      } + [
        Section(
          name: "worst-missing", summary: "The worst agents to fall silent, searched for each sample (CoPur, Eq. 2).",
          settings: search, defaults: searchDefaults),
        Section(
          name: "worst-combination",
          summary: "The worst agents to fall silent or to lie, searched for each sample (CoPur, Eq. 3).",
          settings: search + [
            SettingDescription(
              "attack", .mapping(of: "an attack without agents", []), "what those that lie do: a kind with its keys",
              isRequired: true)
          ], defaults: searchDefaults),
      ]
  }

  /// A kind of attack in a sentence or two, by the name that rows have for it; nil if there is none of that name.
  func summary(ofAttack kind: String) -> String? { attacks.first { $0.name == kind }?.summary }

  /// A kind of defence in a sentence or two; nil if there is none of that name.
  func summary(ofDefense kind: String) -> String? { defenses.first { $0.name == kind }?.summary }

  /// The sections of a scenario that are no lists of kinds.
  var sections: [Section] {
    func section<Value: Kind>(_ name: String, _ summary: String, _ value: Value) -> Section {
      Section(
        name: name, summary: summary, settings: Value.settings.map(\.description),
        defaults: Dictionary(uniqueKeysWithValues: value.members.map { ($0.key, $0.value.text) }))
    }
    return [
      section(
        "training",
        "How extractors and fusion model are trained. `alternatives:` is a list of other trainings, each with the keys that "
          + "differ: all are judged on held-out training rows, and the first within a point of the best is taken.",
        TrainingSettings()),
      Section(
        name: "manifold", summary: "How the manifold of clean embeddings is learned.",
        settings: ManifoldSettings.settings, defaults: ManifoldSettings.defaults),
      section(
        "protect",
        "Who may lie or be missing: what `auto` is chosen for, and what votes and double masking are set for. A defence's own "
          + "`protect:` stands for it alone.", Threat.standard),
      Section(
        name: "rounds", summary: "When a round is closed.", settings: RoundSettings.settings,
        defaults: ["deadline": "250ms", "quorum": "1", "certify": "cheap"]),
      Section(
        name: "launch",
        summary:
          "Where processes run. It is no part of what is measured: options of `copur run` override it, and a run may go on "
          + "with another.",
        settings: LaunchSettings.settings, defaults: ["kind": "local"]),
    ]
  }
}

extension ScenarioReference.Section {
  init<Family>(_ entry: KindEntry<Family>) {
    self.init(name: entry.name, summary: entry.summary, settings: entry.settings, defaults: entry.defaults)
  }
}

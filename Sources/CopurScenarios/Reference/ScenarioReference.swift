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

  private let datasets: [Section]
  private let attacks: [Section]
  private let defenses: [Section]

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
  private var sections: [Section] {
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
      section("manifold", "How the manifold of clean embeddings is learned.", ManifoldSettings()),
      section(
        "protect",
        "Who may lie or be missing: what `auto` is chosen for, and what votes and double masking are set for. A defence's own "
          + "`protect:` stands for it alone.", Threat.standard),
      Section(
        name: "rounds", summary: "When a round is closed.",
        settings: [
          SettingDescription(
            "deadline", .text("a duration such as 250ms"),
            "how long a round waits after its first block; left out with over 32 agents it is measured, from 250ms on"),
          SettingDescription(
            "quorum", .integer(1...1_000_000), "how many agents have to have contributed for a verdict"),
          SettingDescription(
            "certify",
            .choice(of: "which verdicts are certified", Certification.allCases.map(\.rawValue)),
            "which verdicts say how many agents they withstand: those of which that costs next to nothing, all of which it "
              + "can be said, or none"),
        ], defaults: ["deadline": "250ms", "quorum": "1", "certify": "cheap"]),
      Section(
        name: "launch",
        summary:
          "Where processes run. It is no part of what is measured: options of `copur run` override it, and a run may go on "
          + "with another.",
        settings: [
          SettingDescription(
            "kind", .choice(of: "a launcher", LaunchSettings.Kind.allCases.map(\.rawValue)),
            "this machine, the nodes of a Slurm allocation, or machines that ssh reaches", isRequired: true),
          SettingDescription(
            "hosts", .texts(of: "hosts", atLeast: 1),
            "ssh: the machines, the fusion center's first; slurm: nodes of the allocation, all if left out. "
              + "`NAME=ADDRESS` where the network knows a machine by another name"),
          SettingDescription(
            "shared_folder", .text("a folder"),
            "a folder that all machines see under the same path; slurm: the folder of the job if left out; ssh: files are "
              + "copied if left out"),
          SettingDescription(
            "program", .text("a file"), "ssh and slurm: where the program is on the machines; as here if left out"),
          SettingDescription(
            "agents_per_process", .integer(LaunchSettings.agentsPerProcessRange),
            "how many agents a process hosts; 1 for up to 32 agents and else two processes a machine if left out"),
        ], defaults: ["kind": "local"]),
    ]
  }

  /// The page of the documentation catalogue, Markdown.
  public var markdown: String {
    var lines = [
      "# Scenario reference", "",
      "All kinds and keys of a scenario. This page is written by `copur schema --reference`.", "",
      "## Data sets", "", "The `dataset:` section has a `kind` and that kind's keys.", "",
    ]
    lines += datasets.flatMap(\.markdown)
    lines += ["## Sections", ""] + sections.flatMap(\.markdown)
    lines += [
      "## Defences", "",
      "`defenses:` is a list of kinds, each by its name or as a mapping with its `kind`, a `name` for results, its keys, and "
        + "a `training:`, a `manifold:` and a `protect:` of its own where they differ from the scenario's.", "",
    ]
    lines += defenses.flatMap(\.markdown)
    lines += [
      "## Attacks", "",
      "`attacks:` is a list of mappings, each with a `name` and a `kind` with its keys, or with `all:`, a list of kinds to "
        + "combine. A list of amplifications stands for as many attacks.", "",
    ]
    lines += attacks.flatMap(\.markdown)
    lines += [
      "## Sweep", "",
      "`sweep:` is a mapping from keys to the values that they take, and a run is made for each combination of them; or a list "
        + "of mappings, one for each run. A key is a path such as `training.embedding` or `attacks.flip.amplification`, any but "
        + "those under `name`, `seeds`, `launch` and `sweep`. Values are a list, or a range:", "",
      "| key | value | if left out | what |", "| --- | --- | --- | --- |",
    ]
    lines += Self.range.map { key, value, otherwise, what in "| `\(key)` | \(value) | \(otherwise) | \(what) |" }
    return (lines + [""]).joined(separator: "\n")
  }

  /// The keys of a range of a sweep.
  private static let range: [(key: String, value: String, otherwise: String, what: String)] = [
    ("from", "a number", "required", "the first value"), ("to", "a number", "required", "no value is over it"),
    ("step", "a number over 0", "`1`", "the gap between values"),
    ("points", "a whole number from 2", "", "how many values, both ends among them, in place of a step"),
    ("scale", "linear, log", "`linear`", "whether gaps or ratios of points are equal"),
  ]

  /// A sweep, as JSON Schema.
  private static var sweep: JSONValue {
    let number = JSONValue.object(["type": .string("number")])
    let range = JSONValue.object([
      "type": .string("object"),
      "properties": .object([
        "from": number, "to": number, "step": number,
        "points": .object(["type": .string("integer"), "minimum": .number(2)]),
        "scale": .object(["enum": .array([.string("linear"), .string("log")])]),
      ]), "required": .array([.string("from"), .string("to")]), "additionalProperties": .bool(false),
    ])
    let values = JSONValue.object(["type": .string("array"), "minItems": .number(1)])
    let point = JSONValue.object(["type": .string("object"), "minProperties": .number(1)])
    return .object([
      "anyOf": .array([
        .object([
          "type": .string("object"), "minProperties": .number(1),
          "additionalProperties": .object(["anyOf": .array([values, range])]),
        ]),
        .object(["type": .string("array"), "minItems": .number(1), "items": point]),
      ])
    ])
  }

  /// The schema, JSON Schema 2020-12.
  public var schema: String {
    func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
      .object([
        "type": .string("object"), "properties": .object(properties),
        "required": .array(required.map(JSONValue.string)),
        "additionalProperties": .bool(false),
      ])
    }
    func kinds(_ sections: [Section], also: [String: JSONValue], required: [String] = []) -> [JSONValue] {
      sections.map { section in
        object(
          section.properties.merging(also) { own, _ in own }.merging(["kind": .object(["const": .string(section.name)])]
          ) { $1 },
          required: ["kind"] + required + section.settings.filter(\.isRequired).map(\.key))
      }
    }
    let text = JSONValue.object(["type": .string("string")])
    let byName = Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0) })
    func part(_ name: String) -> JSONValue { object(byName[name]?.properties ?? [:], required: []) }
    var training = byName["training"]?.properties ?? [:]
    training["alternatives"] = .object(["type": .string("array"), "items": part("training")])
    func defined(_ name: String) -> JSONValue { .object(["$ref": .string("#/$defs/\(name)")]) }
    let definitions: [String: JSONValue] = [
      "training": object(training, required: []), "manifold": part("manifold"), "protect": part("protect"),
      "rounds": part("rounds"), "launch": part("launch"),
      "parts": .object(["anyOf": .array(kinds(attacks, also: [:]))]),
    ]
    let names = JSONValue.object(["enum": .array(defenses.map { .string($0.name) })])
    let named = kinds(attacks, also: ["name": text], required: ["name"])
    let clean = object(["name": text], required: ["name"])
    let combined = object(
      ["name": text, "all": .object(["type": .string("array"), "items": defined("parts")])],
      required: ["name", "all"])
    let properties: [String: JSONValue] = [
      "name": text,
      "dataset": .object(["anyOf": .array(kinds(datasets, also: [:]))]),
      "agents": .object(["type": .string("array"), "items": text]),
      "training": defined("training"), "manifold": defined("manifold"), "protect": defined("protect"),
      "rounds": defined("rounds"), "launch": defined("launch"),
      "defenses": .object([
        "type": .string("array"),
        "items": .object([
          "anyOf": .array(
            [names]
              + kinds(
                defenses,
                also: [
                  "name": text, "training": defined("training"), "manifold": defined("manifold"),
                  "protect": defined("protect"),
                ]))
        ]),
      ]),
      "attacks": .object(["type": .string("array"), "items": .object(["anyOf": .array([clean, combined] + named)])]),
      "timeline": .object(["type": .string("object")]),
      "seeds": .object([
        "type": .string("array"), "items": .object(["type": .string("integer"), "minimum": .number(0)]),
      ]),
      "sweep": Self.sweep, "either": .object(["type": .string("array"), "items": text]),
    ]
    let root = JSONValue.object([
      "$schema": .string("https://json-schema.org/draft/2020-12/schema"), "title": .string("A scenario of copur"),
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
      "$defs": .object(definitions),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(root), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("texts and numbers can be encoded: \(error)")
    }
  }
}

extension ScenarioReference.Section {
  init<Family>(_ entry: KindEntry<Family>) {
    self.init(name: entry.name, summary: entry.summary, settings: entry.settings, defaults: entry.defaults)
  }

  /// Heading, summary and a table of the settings.
  var markdown: [String] {
    var lines = ["### \(name)", "", summary, ""]
    guard !settings.isEmpty else { return lines }
    lines += ["| key | value | if left out | what |", "| --- | --- | --- | --- |"]
    lines += settings.map { setting in
      let otherwise = setting.isRequired ? "required" : defaults[setting.key].map { "`\($0)`" } ?? ""
      return "| `\(setting.key)` | \(setting.type.rule) | \(otherwise) | \(setting.summary) |"
    }
    return lines + [""]
  }

  /// The settings' schemas by key.
  var properties: [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.schema) })
  }
}

extension SettingDescription {
  /// The values that the setting takes, as JSON Schema.
  var schema: JSONValue {
    var schema = type.schema
    schema["description"] = .string(summary)
    switch key {
    case "amplification":
      // A list of amplifications stands for as many attacks.
      return .object([
        "anyOf": .array([.object(schema), .object(["type": .string("array"), "items": .object(schema)])])
      ])
    case "agents" where isRequired:
      // An attack's, which may be any so many.
      let any: [String: JSONValue] = ["type": .string("integer"), "minimum": .number(1)]
      let search: [String: JSONValue] = [
        "type": .string("object"), "properties": .object(["any": .object(any), "of": .object(type.schema)]),
        "required": .array([.string("any")]), "additionalProperties": .bool(false),
      ]
      return .object(["anyOf": .array([.object(schema), .object(search)])])
    default: return .object(schema)
    }
  }
}

extension SettingType {
  /// As JSON Schema.
  fileprivate var schema: [String: JSONValue] {
    func integer(_ range: ClosedRange<Int>) -> [String: JSONValue] {
      [
        "type": .string("integer"), "minimum": .number(Double(range.lowerBound)),
        "maximum": .number(Double(range.upperBound)),
      ]
    }
    switch self {
    case .integer(let range): return integer(range)
    case .number(.any): return ["type": .string("number")]
    case .number(.positive): return ["type": .string("number"), "exclusiveMinimum": .number(0)]
    case .number(.nonNegative): return ["type": .string("number"), "minimum": .number(0)]
    case .number(.fraction): return ["type": .string("number"), "minimum": .number(0), "maximum": .number(1)]
    case .number(.underOne): return ["type": .string("number"), "minimum": .number(0), "exclusiveMaximum": .number(1)]
    case .number(.positiveFraction):
      return ["type": .string("number"), "exclusiveMinimum": .number(0), "maximum": .number(1)]
    case .boolean: return ["type": .string("boolean")]
    case .choice(_, let names): return ["enum": .array(names.map(JSONValue.string))]
    case .choiceWithSettings(_, let choices):
      return [
        "anyOf": .array(
          [.object(["enum": .array(choices.map { .string($0.name) })])]
            + choices.filter { !$0.settings.isEmpty }.map { .object(SettingType.mapping(of: $0.name, $0.keys).schema) })
      ]
    case .choiceOrInteger(_, let names, let range):
      return ["anyOf": .array([.object(["enum": .array(names.map(JSONValue.string))]), .object(integer(range))])]
    case .choiceOrNumber(_, let names, let rule):
      return [
        "anyOf": .array([
          .object(["enum": .array(names.map(JSONValue.string))]), .object(SettingType.number(rule).schema),
        ])
      ]
    case .text: return ["type": .string("string"), "minLength": .number(1)]
    case .className: return ["type": .array([.string("string"), .string("integer")])]
    case .mapping(_, let settings):
      guard !settings.isEmpty else { return ["type": .string("object")] }
      return [
        "type": .string("object"),
        "properties": .object(Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.schema) })),
        "required": .array(settings.filter(\.isRequired).map { .string($0.key) }), "additionalProperties": .bool(false),
      ]
    case .texts(_, let least):
      return [
        "type": .string("array"), "items": .object(["type": .array([.string("string"), .string("integer")])]),
        "minItems": .number(Double(least)), "uniqueItems": .bool(true),
      ]
    case .textsByAgent:
      return [
        "type": .string("object"),
        "additionalProperties": .object(["type": .string("array"), "items": .object(["type": .string("string")])]),
      ]
    }
  }
}

internal import CopurCore

extension ScenarioReference {
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
}

extension ScenarioReference.Section {
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
}

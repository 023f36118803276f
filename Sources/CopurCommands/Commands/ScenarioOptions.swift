import ArgumentParser
import CopurCore
import CopurDatasets
import CopurScenarios

/// A scenario's file, and what is to be different from it.
struct ScenarioOptions: ParsableArguments {
  @Argument(help: "The scenario, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var scenario: String

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      Another value for a key of the scenario, such as training.embedding=16, attacks.flip.amplification=3 or \
      'defenses=[copur, agent-vote]'. The value is YAML; an item of a list has its name, or its number from 0; an empty \
      value takes the key out. May be repeated.
      """, valueName: "key=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("The point of the scenario's sweep, such as embedding=16,code=2.", valueName: "name"))
  var point: String?

  /// The one scenario that is asked for.
  func load(data: DataDirectory) throws -> Scenario {
    try Scenario.load(scenario, data: data, settings: settings, point: point)
  }

  /// All that is asked for: of a sweep every point, unless one is named.
  func loadAll(data: DataDirectory) throws -> ScenarioOrSweep {
    point == nil
      ? try ScenarioOrSweep.load(scenario, data: data, settings: settings) : .scenario(try load(data: data))
  }

  /// The options as words of a command.
  var words: [String] { settings.flatMap { ["--set", $0] } + (point.map { ["--point", $0] } ?? []) }

  /// The file and the options as one would type them.
  var command: String { ([scenario] + words).map(ShellWord.typed).joined(separator: " ") }
}

import ArgumentParser
import CopurScenarios
import Foundation

/// An option, flag or argument of a command, as the argument parser describes it.
///
/// The parser is asked, in JSON, so that an option is declared once and can be set everywhere.
struct CommandOption: Equatable {
  /// An option's or a flag's long name without its dashes; an argument's name in the usage line.
  let name: String
  let isPositional: Bool
  let isFlag: Bool
  let isRepeating: Bool
  /// Whether all that follows up to the next option are its values.
  let takesRest: Bool
  /// Whether `--no-NAME` is the flag's opposite.
  let isInvertible: Bool
  /// The value when it is not set; nil if there is none, or it depends on others.
  let standard: String?
  /// Whether `--help` leaves it out.
  let isHidden: Bool

  /// For the settings file.
  var known: OptionFile.Known { .init(name: name, isFlag: isFlag, isRepeating: isRepeating) }

  /// The options of a command, in the order of its help.
  static func all(of command: any ParsableCommand.Type) throws -> [CommandOption] {
    let description = try JSONDecoder().decode(Description.self, from: Data(command._dumpHelp().utf8))
    let arguments = description.command.arguments ?? []
    let flags = Set(arguments.filter { $0.kind == "flag" }.map(\.name))
    return arguments.filter { !flags.contains($0.opposite) }.map { argument in
      let isFlag = argument.kind == "flag"
      let isInvertible = isFlag && flags.contains("no-\(argument.name)")
      return CommandOption(
        name: argument.name, isPositional: argument.kind == "positional", isFlag: isFlag,
        isRepeating: argument.isRepeating, takesRest: argument.parsingStrategy == "upToNextOption",
        isInvertible: isInvertible,
        standard: isFlag ? argument.standard(isInvertible: isInvertible) : argument.defaultValue,
        isHidden: !argument.shouldDisplay)
    }
  }

  private struct Description: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    var command: Command
  }

  private struct Argument: Decodable {
    struct Name: Decodable { var kind, name: String }
    var kind: String
    var names: [Name]?
    var valueName, defaultValue, parsingStrategy: String?
    var isRepeating, shouldDisplay: Bool

    var name: String { names?.first { $0.kind == "long" }?.name ?? valueName ?? "" }

    /// The flag that this one turns off.
    var opposite: String { name.hasPrefix("no-") ? String(name.dropFirst(3)) : "" }

    /// The value of a flag unless it is given. One with an opposite and no default has neither.
    func standard(isInvertible: Bool) -> String? {
      isInvertible ? defaultValue.map { $0.hasPrefix("--no-") ? "false" : "true" } : "false"
    }
  }
}

import ArgumentParser
import CopurCore
import CopurScenarios

/// The settings of a command: each option from the command line, else the environment, else the settings file, else its
/// default.
///
/// Options that the command line lacks become arguments before the parser reads them. So every option has one declaration,
/// one type and one set of rules, whoever sets it.
struct Settings {
  /// The commands that have settings.
  static let commands: [any ParsableCommand.Type] = [
    ServeCommand.self, AgentCommand.self, PredictCommand.self, WatchCommand.self,
  ]

  /// The arguments with what the environment and the file add.
  let arguments: [String]
  /// All that can be set, in the order of the command's help; none of a command without settings.
  let all: [Setting]

  /// - Parameters:
  ///   - arguments: The command line without the program's name.
  ///   - environment: The process's variables.
  /// - Throws: ``CopurError`` of code `.configuration` for a variable or a line of the file that sets nothing, and what
  ///   ``OptionFile`` throws.
  init(arguments: [String], environment: [String: String]) throws {
    guard let name = arguments.first,
      let command = Self.commands.first(where: { $0.configuration.commandName == name })
    else {
      self.arguments = arguments
      all = []
      return
    }
    let options = try CommandOption.all(of: command)
    let given = GivenOptions(arguments.dropFirst(), of: options)
    // Help is there whatever is wrong, and a process that another one started is told everything by it.
    guard given.names.isDisjoint(with: ["help", "version", "experimental-dump-help", "stop-with-parent"]) else {
      self.arguments = arguments
      all = []
      return
    }
    let settable = options.filter(Self.isSettable)
    let variables = SettingsEnvironment(variables: environment)
    try variables.check(command: name, options: settable.map(\.name))
    let file = try Self.file(given.values["config"] ?? variables.file)
    all = try settable.map { option in
      if given.names.contains(option.name) {
        return Setting(option: option, values: given.allValues[option.name] ?? [], source: .commandLine)
      }
      if let setting = try variables.setting(of: option, command: name) { return setting }
      if let file, let entry = file.commands[name]?.first(where: { $0.name == option.name }) {
        return Setting(option: option, values: entry.values, source: .file(file.file, line: entry.line))
      }
      return Setting(option: option, values: option.standard.map { [$0] } ?? [], source: .standard)
    }
    for setting in all where setting.option.isPositional && setting.arguments.contains(where: { $0.hasPrefix("-") }) {
      throw CopurError(
        .configuration,
        "\(setting.source): \(setting.option.name) does not begin with a dash (actual: \(setting.values))")
    }
    self.arguments = [name] + all.flatMap(\.arguments) + arguments.dropFirst()
  }

  /// Whether an option can be set outside of the command line.
  private static func isSettable(_ option: CommandOption) -> Bool {
    !["help", "version", "config", "stop-with-parent"].contains(option.name)
  }

  /// The settings file, in which the sections of all commands are checked.
  private static func file(_ path: String?) throws -> OptionFile? {
    guard let path else { return nil }
    var known: [String: [OptionFile.Known]] = [:]
    for command in commands {
      known[command.configuration.commandName ?? ""] = try CommandOption.all(of: command).filter(isSettable).map(
        \.known)
    }
    return try OptionFile(contentsOf: path, known: known)
  }

  /// Settings from outside the command line that a message of the parser is about.
  func mentioned(in message: String) -> [Setting] {
    all.filter { setting in
      guard setting.source != .commandLine, setting.source != .standard else { return false }
      let name = setting.option.isPositional ? "<\(setting.option.name)>" : "--\(setting.option.name)"
      return message.ranges(of: name).contains { range in
        range.upperBound == message.endIndex
          || !(message[range.upperBound].isLetter || message[range.upperBound] == "-")
      }
    }
  }
}

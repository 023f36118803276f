import ArgumentParser
import CopurCore
import Foundation

/// `copur config`: the settings of a command, and where each of them is from.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print what the options of a service are, and who says so.",
    discussion: """
      An option of serve, agent, predict and watch is what the command line says, else the environment, else the settings \
      file, else its default. The file has a command's options below its name:

        serve:
          bundle: /var/lib/copur/bundle
          grpc: 0.0.0.0:8001
          defense: [copur, agent-vote]
          certify: true

      A variable is named after command and option, as COPUR_SERVE_TLS_KEY is after --tls-key of serve. Values of an option \
      that can be repeated stand a line each in it; an empty variable is one that is not set. Keys and tokens are files, \
      so no secret stands in a setting. A key or a variable that names no option is an error.

      What is printed is a settings file itself. Wrong settings end with 78, and the message says where they stand.

      Examples:
        copur config serve --config /etc/copur/copur.yaml
        COPUR_SERVE_GRPC=0.0.0.0:9001 copur config serve bundle --insecure
      """)

  @Argument(help: ArgumentHelp("The command: serve, agent, predict or watch.", valueName: "command"))
  var command: SettingsCommand

  @Argument(parsing: .captureForPassthrough, help: "Its arguments.")
  var arguments: [String] = []

  func run() async throws {
    let settings = try await reporting {
      let settings = try Settings(
        arguments: [command.rawValue] + arguments, environment: ProcessInfo.processInfo.environment)
      if !settings.all.isEmpty {
        try Terminal.print(SettingsListing(command: command.rawValue, settings: settings.all).text, terminator: "")
      }
      return settings
    }
    _ = try await CommandLineInterface.parsing(settings) { try await Copur.asyncParseAsRoot(settings.arguments) }
  }
}

/// A command that has settings.
enum SettingsCommand: String, ExpressibleByArgument, CaseIterable {
  case serve, agent, predict, watch
}

internal import ArgumentParser
internal import CopurCore
internal import CopurNumerics
internal import CopurScenarios
internal import Foundation

/// The command line of `copur`, for a program of one's own that adds kinds to it.
public enum CommandLineInterface {
  /// Reads the process's arguments and settings, does what they say, and ends the process with an exit code of sysexits.h if
  /// that fails.
  ///
  /// Kinds that are registered before have their place in scenarios, in `--defense` and in `copur schema`. The processes of
  /// a run over the network are this program, so they know them, too.
  ///
  /// ```swift
  /// try KindRegistry.defenses.register(MyDefense.Settings.entry)
  /// await CommandLineInterface.main()
  /// ```
  public static func main() async {
    // Swift reads the command line from there and does not look whether it could: it then has any number of arguments.
    guard access("/proc/self/cmdline", R_OK) == 0 else {
      Terminal.report("copur: error: the command line cannot be read: /proc is not there")
      // At once: what else runs at a process's end is as lost without it.
      _exit(CopurError.Code.unavailable.exitStatus)
    }
    DescriptorLimit.raise()
    ScenarioKinds.register()
    do {
      let settings = try await reporting {
        try Settings(
          arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
      }
      if let reason = KernelOptions.choose(by: settings.arguments) { Terminal.report("copur: \(reason)") }
      var command = try await parsing(settings) { try await Copur.asyncParseAsRoot(settings.arguments) }
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Copur.exit(withError: error)
    }
  }

  /// Parses a command line; if what is wrong with it was set elsewhere, the message says where.
  ///
  /// - Throws: What the parser throws; `ExitCode` of a wrong setting (78), once the message is written.
  static func parsing<Result>(_ settings: Settings, _ parse: () async throws -> Result) async throws -> Result {
    do {
      return try await parse()
    } catch {
      let mentioned =
        Copur.exitCode(for: error) == .validationFailure ? settings.mentioned(in: Copur.message(for: error)) : []
      guard !mentioned.isEmpty else { throw error }
      Terminal.report(Copur.fullMessage(for: error))
      for setting in mentioned {
        Terminal.report(
          "copur: \(setting.option.name) is set by \(setting.source): \(setting.values.joined(separator: ", "))")
      }
      throw ExitCode(CopurError.Code.configuration.exitStatus)
    }
  }
}

internal import ArgumentParser
internal import CopurNumerics

/// The command line of `copur`, for a program of one's own that adds kinds to it.
public enum CommandLineInterface {
  /// Reads the process's arguments, does what they say, and ends the process with an exit code of sysexits.h if that fails.
  ///
  /// Kinds that are registered before have their place in scenarios, in `--defense` and in `copur schema`. The processes of
  /// a run over the network are this program, so they know them, too.
  ///
  /// ```swift
  /// try KindRegistry.defenses.register(MyDefense.Settings.entry)
  /// await CommandLineInterface.main()
  /// ```
  public static func main() async {
    DescriptorLimit.raise()
    if let reason = KernelOptions.choose(by: CommandLine.arguments) { Terminal.report("copur: \(reason)") }
    await Copur.main(nil)
  }
}

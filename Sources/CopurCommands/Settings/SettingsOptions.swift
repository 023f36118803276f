import ArgumentParser

/// The settings file of a command. ``Settings`` reads it before the command line is parsed.
struct SettingsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take options from this file, YAML: the command's name, and below it an option a line. The command line counts for \
      more, and so do variables such as COPUR_SERVE_GRPC; `copur config` shows what comes of it. (default: $COPUR_CONFIG)
      """, valueName: "file"))
  var config: String?
}

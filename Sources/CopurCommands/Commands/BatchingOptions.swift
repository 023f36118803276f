import ArgumentParser

/// Options for what the fusion center does together.
struct BatchingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The most rounds that are decided together.", valueName: "n"))
  var batch = 256

  @Option(
    help: ArgumentHelp(
      """
      The least time from one commit to the next and from one batch of decisions to the next, at most 1s, 0ms for none: \
      under load more is done together, and a lone round waits for nothing.
      """, valueName: "time"))
  var batchDelay = DurationOption(.milliseconds(2))
}

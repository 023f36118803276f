import ArgumentParser

/// An agent's part in a training.
struct AgentTrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "In a training: the file with the secret that the agents share, and the fusion center does not have.",
      valueName: "file"))
  var secret: String?

  @Option(help: ArgumentHelp("In a training: the folder for the agent's model.", valueName: "dir"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "In a training: the folder for checkpoints, so that an agent that was killed goes on when it is started again.",
      valueName: "dir"))
  var state: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "In a training: the features among the columns; all but the key if left out.", valueName: "column"))
  var columns: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      In a training: what the first weights follow from, for experiments that are to be repeated. Without it that is a \
      secret of the agent's own: who knows it can tell features from embeddings.
      """, valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Wait so long before each answer, for experiments.", valueName: "time", visibility: .hidden))
  var answerDelay: DurationOption?

  @Flag(help: ArgumentHelp("Lie where the training's settings say so, in a simulation.", visibility: .hidden))
  var playAttacks = false

  @Option(
    help: ArgumentHelp(
      "The rows before a simulation spoiled some, by which they are standardised.", valueName: "file",
      visibility: .hidden))
  var honestRows: String?

  /// The first option that is given.
  var given: String? {
    let all: [(String, Bool)] = [
      ("--secret", secret != nil), ("--out", out != nil), ("--state", state != nil), ("--columns", !columns.isEmpty),
      ("--seed", seed != nil),
    ]
    return all.first(where: \.1)?.0
  }

  func validateTraining() throws {
    guard secret != nil, out != nil else {
      throw ValidationError("In a training an agent has --secret FILE and --out DIR.")
    }
  }
}

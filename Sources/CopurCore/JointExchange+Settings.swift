public import CopurLearning

extension JointExchange {
  /// The settings of the section `exchange`.
  public static var settings: [Setting<JointExchange>] {
    [
      .choice("mode", \.mode, of: "a mode of joint training", "whether a step waits for every agent"),
      .integer(
        "staleness", \.staleness, 1...1_000_000,
        "for how many epochs an embedding counts in asynchronous training; older ones are missing"),
      .integer("local_steps", \.localSteps, 1...10_000, "how many steps each side takes on one batch"),
      .choice("numbers", \.numbers, of: "a format of numbers", "how embeddings and gradients go over the wire"),
      .number(
        "embedding_noise", \.embeddingNoise, .nonNegative,
        "the standard deviation of noise that agents add to embeddings, as a share of a message's root mean square"),
      .number(
        "gradient_noise", \.gradientNoise, .nonNegative,
        "the same of noise that the fusion center adds to gradients"),
    ]
  }
}

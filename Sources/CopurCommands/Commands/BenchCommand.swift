import ArgumentParser

/// `copur bench`: measurements, for people and for programs.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure speed, side by side with other programs.",
    discussion: """
      Examples:
        copur bench purify --code 2 --batch 1 --batch 256
        copur bench votes --agents 10
        copur bench products --kernel native
        copur bench training --epochs 20
        copur bench robust
        copur bench convolution
        copur bench network --help
      """,
    subcommands: [
      BenchPurifyCommand.self, BenchVotesCommand.self, BenchProductsCommand.self, BenchNetworkCommand.self,
      BenchTrainingCommand.self, BenchRobustCommand.self, BenchConvolutionCommand.self, BenchAgentsCommand.self,
    ])
}

import ArgumentParser

/// `copur bench`: measurements, for people and for programs.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure speed, side by side with other programs.",
    subcommands: [BenchPurifyCommand.self, BenchNetworkCommand.self, BenchAgentsCommand.self])
}

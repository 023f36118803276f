import ArgumentParser

/// `copur deploy`: files by which others run the service.
struct DeployCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Write what a cluster needs to run a fusion center and its agents.",
    discussion: """
      Example:
        copur deploy kubernetes bundle --out manifests --image registry.example/copur:0.1.0 \\
          --certificates certificates --data-claim rows
      """,
    subcommands: [DeployKubernetesCommand.self])
}

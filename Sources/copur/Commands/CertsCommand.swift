import ArgumentParser
import CopurTLS

/// `copur certs`: a development CA and certificates.
struct CertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Make a development CA, and certificates for a fusion center and its agents.",
    discussion: """
      An agent's certificate names it: spiffe://copur/agent/NAME. Keys are readable by their owner alone. Files that are \
      there are replaced. Not for production: the CA's key lies beside the certificates.

      Example:
        copur certs certificates --agents acc gyro time
      """)

  @Argument(help: "The folder for the files; it is made if it is not there.")
  var directory: String

  @Option(parsing: .upToNextOption, help: "The agents' names.")
  var agents: [String] = []

  @Option(parsing: .upToNextOption, help: "Host names and addresses of the server.")
  var hosts: [String] = ["localhost", "127.0.0.1", "::1"]

  func run() async throws {
    try await reporting {
      let made = try DevelopmentCertificates.make(in: directory, agents: agents, hosts: hosts)
      try Terminal.print("CA: \(made.ca)\nserver: \(made.server.chain) \(made.server.key)")
      for agent in agents { try Terminal.print("agent \(agent): \(made.agent(agent).chain) \(made.agent(agent).key)") }
    }
  }
}

import ArgumentParser
import CopurTLS

/// `copur certs`: a development CA and certificates.
struct CertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Make a development CA, and certificates for a fusion center and those who call it.",
    discussion: """
      A certificate names who has it, spiffe://copur/ROLE/NAME: agents send blocks in their own name, clients ask for \
      verdicts, viewers look on, admins do what clients and viewers may and change the running service. The files are \
      ROLE-NAME.pem and ROLE-NAME.key. Keys are readable by their owner alone. Files that are there are replaced. Not \
      for production: the CA's key lies beside the certificates.

      Example:
        copur certs certificates --agents acc gyro time
      """)

  @Argument(help: "The folder for the files; it is made if it is not there.")
  var directory: String

  @Option(parsing: .upToNextOption, help: "The agents' names.")
  var agents: [String] = []

  @Option(parsing: .upToNextOption, help: "The clients' names.")
  var clients: [String] = ["client"]

  @Option(parsing: .upToNextOption, help: "The viewers' names.")
  var viewers: [String] = ["viewer"]

  @Option(parsing: .upToNextOption, help: "The admins' names.")
  var admins: [String] = ["admin"]

  @Option(parsing: .upToNextOption, help: "Host names and addresses of the server.")
  var hosts: [String] = ["localhost", "127.0.0.1", "::1"]

  func run() async throws {
    try await reporting {
      let made = try DevelopmentCertificates.make(
        in: directory, agents: agents, clients: clients, viewers: viewers, admins: admins, hosts: hosts)
      try Terminal.print("CA: \(made.ca)\nserver: \(made.server.chain) \(made.server.key)")
      let pairs =
        agents.map { ("agent \($0)", made.agent($0)) } + clients.map { ("client \($0)", made.client($0)) }
        + viewers.map { ("viewer \($0)", made.viewer($0)) } + admins.map { ("admin \($0)", made.admin($0)) }
      for (owner, pair) in pairs { try Terminal.print("\(owner): \(pair.chain) \(pair.key)") }
    }
  }
}

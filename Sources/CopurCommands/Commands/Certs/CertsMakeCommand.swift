import ArgumentParser
import CopurTLS
import Foundation

/// `copur certs make`: a CA, and the certificates that are not there.
struct CertsMakeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract: "Make a CA, or add to one that is there. The default.",
    discussion: """
      A certificate names who has it, spiffe://copur/ROLE/NAME: agents send blocks in their own name, clients ask for \
      verdicts, drivers play simulations, viewers look on, admins do what clients and viewers may and change the running \
      service. A process that hosts agents of a simulation is known by --simulations. The files are \
      ROLE-NAME.pem and ROLE-NAME.key. Keys are readable by their owner alone. What is there is kept: the CA, so that \
      certificates that were given out stay good, and certificates, unless they are to be renewed. Not for production: \
      the CA's key lies beside the certificates.
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

  @Option(parsing: .upToNextOption, help: "The names of drivers of simulations.")
  var drivers: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "The names of processes that host agents of a simulation, for NAME.simulation.copur.")
  var simulations: [String] = []

  @Option(parsing: .upToNextOption, help: "Host names and addresses of the server.")
  var hosts: [String] = ["localhost", "127.0.0.1", "::1"]

  @Flag(help: "Replace the certificates, and their keys, that are there. The CA stays.")
  var renew = false

  func run() async throws {
    try await reporting {
      // All names are checked before the first file is written.
      let named = [("agent", agents), ("client", clients), ("driver", drivers), ("viewer", viewers), ("admin", admins)]
        .flatMap { role, names in names.map { (role: role, name: $0) } }
      try DevelopmentCertificates.check(named + simulations.map { ("simulation", $0) }, hosts: hosts)
      let authority = try CertificateAuthority(in: directory)
      try Terminal.print("CA: \(authority.files.ca)")
      try say("server", try authority.addServer(hosts: hosts, renews: renew))
      for (role, name) in named {
        try say("\(role) \(name)", try authority.add(role: role, name: name, renews: renew))
      }
      for name in simulations { try say("simulation \(name)", try authority.addSimulation(name: name, renews: renew)) }
    }
  }

  private func say(_ owner: String, _ addition: CertificateAuthority.Addition) throws {
    var line = "\(owner): \(addition.pair.chain) \(addition.pair.key)"
    if !addition.isNew {
      let isOver = addition.notAfter <= Date()
      line += ", was there, valid until \(addition.notAfter.formatted(.iso8601))"
      if isOver { line += ": it is over, --renew replaces it" }
    }
    try Terminal.print(line)
  }
}

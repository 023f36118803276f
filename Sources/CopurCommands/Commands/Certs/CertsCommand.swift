import ArgumentParser

/// `copur certs`: a development CA and certificates.
struct CertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Make a development CA, and certificates for a fusion center and those who call it.",
    discussion: """
      `copur certs DIR` makes a CA, unless DIR has one, and adds the certificates that are not there. A party that keeps \
      its key runs `copur certs request`, and who has the CA signs that with `copur certs sign`. `copur certs revoke` \
      writes the list of certificates that are not to be believed any more, for `copur serve --tls-crl`.

      Examples:
        copur certs certificates --agents acc gyro time
        copur certs certificates --agents watch
        copur certs certificates --agents acc --renew
      """,
    subcommands: [
      CertsMakeCommand.self, CertsRequestCommand.self, CertsSignCommand.self, CertsRevokeCommand.self,
    ],
    defaultSubcommand: CertsMakeCommand.self)
}

/// Who a certificate is for.
struct PrincipalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The agent of this name.", valueName: "name"))
  var agent: String?

  @Option(help: ArgumentHelp("The client of this name.", valueName: "name"))
  var client: String?

  @Option(help: ArgumentHelp("The viewer of this name.", valueName: "name"))
  var viewer: String?

  @Option(help: ArgumentHelp("The admin of this name.", valueName: "name"))
  var admin: String?

  /// The role and the name that were given.
  var principal: (role: String, name: String) { given[0] }

  private var given: [(role: String, name: String)] {
    [("agent", agent), ("client", client), ("viewer", viewer), ("admin", admin)]
      .compactMap { role, name in name.map { (role, $0) } }
  }

  func validate() throws {
    guard given.count == 1 else {
      throw ValidationError("Say whose certificate it is by one of --agent, --client, --viewer and --admin.")
    }
  }
}

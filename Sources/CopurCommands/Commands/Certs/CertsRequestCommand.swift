import ArgumentParser
import CopurTLS

/// `copur certs request`: a key that stays with its party, and a request for a certificate.
struct CertsRequestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request",
    abstract: "Make a key, which stays here, and a request for its certificate.",
    discussion: """
      The request is a file in PEM (PKCS #10) for whoever has the CA, who gives the certificate back.

      Example:
        copur certs request gyro --agent gyro
      """)

  @Argument(help: "The files' name: NAME.key and NAME.csr are made.")
  var files: String

  @OptionGroup var whose: PrincipalOptions

  func run() async throws {
    try await reporting {
      try CertificateRequest.make(name: whose.principal.name, key: "\(files).key", request: "\(files).csr")
      let (role, name) = whose.principal
      try Terminal.print(
        "key: \(files).key\nrequest: \(files).csr, to be signed with `copur certs sign DIR \(files).csr --\(role) \(name)`"
      )
    }
  }
}

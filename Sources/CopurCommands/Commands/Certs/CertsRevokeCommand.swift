import ArgumentParser
import CopurTLS

/// `copur certs revoke`: the list of certificates that are not to be believed any more.
struct CertsRevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Add a certificate to the CA's list of revoked ones.",
    discussion: """
      The list is crl.pem beside the CA. A service that was started with --tls-crl reads it again on SIGHUP. It counts \
      for 90 days: without a newer one, made by revoking the same again, everybody is refused then.

      Example:
        copur certs revoke certificates certificates/agent-gyro.pem
      """)

  @Argument(help: "The folder of the CA.", completion: .directory)
  var directory: String

  @Argument(help: "The certificate, PEM.", completion: .file())
  var certificate: String

  func run() async throws {
    try await reporting {
      try Terminal.print("list: \(try CertificateAuthority(in: directory, makes: false).revoke(certificate))")
    }
  }
}

import ArgumentParser
import CopurTLS
import Foundation

/// `copur certs sign`: a certificate for a party that keeps its key.
struct CertsSignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign a party's request for a certificate.",
    discussion: """
      Whose certificate it is, role and name, is said here; what the request says counts for nothing.

      Example:
        copur certs sign certificates gyro.csr --agent gyro
      """)

  @Argument(help: "The folder of the CA.", completion: .directory)
  var directory: String

  @Argument(help: "The request, PEM.", completion: .file())
  var request: String

  @OptionGroup var whose: PrincipalOptions

  func run() async throws {
    try await reporting {
      let (role, name) = whose.principal
      let made = try CertificateAuthority(in: directory, makes: false).sign(request, role: role, name: name)
      try Terminal.print("\(role) \(name): \(made.pair.chain), valid until \(made.notAfter.formatted(.iso8601))")
    }
  }
}

import ArgumentParser
import CopurCore
import CopurTLS

/// The port on which a process lets a driver play its agents.
struct SimulationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Serve copur.v1.Simulation there, for a scenario driver; beyond this machine with a certificate of its own, to the role \
      driver alone.
      """, valueName: "host:port"))
  var simulation: SocketAddress?

  @Option(
    help: ArgumentHelp(
      "The certificate chain of that port, PEM, as `copur certs --simulations` makes it.", valueName: "file"))
  var simulationCertificate: String?

  @Option(help: ArgumentHelp("The private key of that certificate, PEM.", valueName: "file"))
  var simulationKey: String?

  /// Checks them with the certificates of the agents.
  func check(with tls: TLSOptions) throws {
    guard (simulationCertificate == nil) == (simulationKey == nil) else {
      throw ValidationError("--simulation-certificate and --simulation-key are given together.")
    }
    guard let simulation else {
      guard simulationCertificate == nil else {
        throw ValidationError("--simulation-certificate is of the port of --simulation, and there is none.")
      }
      return
    }
    guard simulationCertificate != nil else {
      // Whoever reaches the port can make the agent lie.
      guard simulation.isLoopback else {
        throw ValidationError(
          "--simulation beyond this machine needs --simulation-certificate and --simulation-key (actual: \(simulation))"
        )
      }
      return
    }
    guard !tls.insecure else {
      throw ValidationError("--simulation-certificate needs --tls-ca, which a driver's certificate comes from.")
    }
  }

  /// The port's side of TLS; nil where it has no certificate.
  func context(_ tls: TLSOptions) throws -> TLSContext? {
    guard let simulationCertificate, let simulationKey, let roots = tls.tlsCa else { return nil }
    return try TLSContext.server(
      certificateChain: simulationCertificate, privateKey: simulationKey, trustRoots: roots, revocations: tls.tlsCrl,
      clientCertificate: .required, applicationProtocol: .http2)
  }
}

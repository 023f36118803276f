import ArgumentParser
import CopurFusionCenter
import CopurGRPC
import CopurServing
import GRPCCore
import Logging

/// Who may speak as whom, where several authorities are trusted.
struct RegistrationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Which certificates may name whom: on each line a role (agent, client, driver, viewer or admin), a name or *, and the SHA-256 \
      fingerprint of the certificate or of an authority that it comes from. Nobody else may call then. Without it every \
      authority of --tls-ca may name everybody.
      """, valueName: "file"))
  var registrations: String?

  @Option(
    help: ArgumentHelp("The trust domain of the names in certificates, spiffe://DOMAIN/ROLE/NAME.", valueName: "domain")
  )
  var trustDomain = Principal.defaultTrustDomain

  func validate() throws {
    guard Principal.isTrustDomain(trustDomain) else {
      throw ValidationError("--trust-domain is 1 to 255 of a-z 0-9 . _ - (actual: \"\(trustDomain)\")")
    }
  }

  /// Who may call, by the certificates that peers show; by what they say where they show none.
  func access(hasTLS: Bool, table: AccessTable = .standard, logger: Logger) throws -> AccessControl {
    AccessControl(
      table: table,
      identification: hasTLS
        ? .certificates(trustDomain: trustDomain) {
          ($0.transportSpecific as? PeerIdentity)?.certificate.map { PeerCredentials($0) }
        } : .none,
      registrations: try registrations.map { try Registrations(reading: $0) }, logger: logger)
  }

  /// Reads the registrations again; bad ones leave the old ones in use.
  func reload(for access: AccessControl, logger: Logger) {
    guard let registrations else { return }
    do {
      access.replace(registrations: try Registrations(reading: registrations))
      logger.notice("calls are checked by the registrations that were read again")
    } catch {
      logger.error("the registrations cannot be used and the old ones stay", metadata: ["error": "\(error)"])
    }
  }
}

import CopurTLS
import Logging

/// Reads certificates again and has new connections use them; bad ones leave things as they are.
struct CertificateRotation: Sendable {
  let context: TLSContext
  /// Reads the files.
  let load: @Sendable () throws -> TLSContext
  let logger: Logger

  func callAsFunction() {
    do {
      let new = try load()
      for warning in try new.checkValidity() { logger.warning("\(warning)") }
      context.replace(with: new)
      logger.notice("new connections use the certificates that were read again")
    } catch {
      logger.error("the certificates cannot be used and the old ones stay", metadata: ["error": "\(error)"])
    }
  }
}

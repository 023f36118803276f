import CopurTLS
import Foundation

/// Certificates that the tests of a run share.
enum TestCertificates {
  static let shared = Result { try make() }

  /// Makes an authority of its own.
  static func make(
    agents: [String] = ["time", "audio"],
    validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws -> DevelopmentCertificates {
    try DevelopmentCertificates.make(in: Scratch.directory(), agents: agents, validity: validity)
  }
}

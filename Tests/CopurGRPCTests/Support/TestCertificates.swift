import CopurTLS
import Foundation

/// Certificates that tests of a run share; they lie in a directory of their own, removed at exit.
enum TestCertificates {
  static let shared = Result { try make() }

  /// Makes an authority of its own.
  static func make(
    agents: [String] = ["time", "audio"],
    validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws -> DevelopmentCertificates {
    let directory = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID())").path
    return try DevelopmentCertificates.make(in: directory, agents: agents, validity: validity)
  }
}

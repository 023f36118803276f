import CopurTLS
import Foundation

/// Certificates that the tests of a run share.
enum TestCertificates {
  static let shared = Result { try make() }

  /// Makes an authority of its own.
  static func make(
    validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws -> DevelopmentCertificates {
    try DevelopmentCertificates.make(in: Scratch.directory(), agents: ["time"], validity: validity)
  }
}

extension DevelopmentCertificates {
  func serverContext(_ clientCertificate: TLSContext.ClientCertificate = .required) throws -> TLSContext {
    try .server(
      certificateChain: server.chain, privateKey: server.key, trustRoots: ca, clientCertificate: clientCertificate)
  }

  func clientContext(trusting other: DevelopmentCertificates? = nil) throws -> TLSContext {
    try clientContext(agent("time"), trusting: other)
  }

  func clientContext(_ pair: Pair, trusting other: DevelopmentCertificates? = nil) throws -> TLSContext {
    try .client(trustRoots: (other ?? self).ca, certificateChain: pair.chain, privateKey: pair.key)
  }

  func anonymousContext() throws -> TLSContext {
    try .client(trustRoots: ca)
  }
}

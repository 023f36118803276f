import CopurTLS
import Foundation
import Testing

/// Files that cannot be used are refused with their name and the rule.
struct TLSContextTests {
  private let certificates = TestCertificates.shared

  @Test("A file that is missing is named")
  func missingFile() throws {
    let certificates = try certificates.get()
    let missing = certificates.directory + "/missing.pem"
    let server = certificates.server
    let attempts: [() throws -> TLSContext] = [
      { try .client(trustRoots: missing) },
      { try .client(trustRoots: certificates.ca, certificateChain: missing, privateKey: server.key) },
      { try .client(trustRoots: certificates.ca, certificateChain: server.chain, privateKey: missing) },
      {
        try .server(
          certificateChain: missing, privateKey: server.key, trustRoots: certificates.ca, clientCertificate: .required)
      },
    ]
    for attempt in attempts {
      let error = #expect(throws: TLSError.self) { try attempt() }
      #expect(error?.code == .fileUnreadable)
      #expect(error?.message == "cannot open \(missing): No such file or directory")
    }
  }

  @Test("A file without PEM is named, and what it should hold")
  func malformedFile() throws {
    let certificates = try certificates.get()
    let text = certificates.directory + "/text.pem"
    try "not PEM".write(toFile: text, atomically: true, encoding: .utf8)
    let server = certificates.server
    let attempts: [(String, () throws -> TLSContext)] = [
      ("authorities", { try .client(trustRoots: text) }),
      (
        "a certificate chain",
        { try .client(trustRoots: certificates.ca, certificateChain: text, privateKey: server.key) }
      ),
      (
        "an unencrypted private key",
        { try .client(trustRoots: certificates.ca, certificateChain: server.chain, privateKey: text) }
      ),
      // A key is not a certificate, nor the other way round.
      (
        "a certificate chain",
        { try .client(trustRoots: certificates.ca, certificateChain: server.key, privateKey: server.key) }
      ),
      (
        "an unencrypted private key",
        { try .client(trustRoots: certificates.ca, certificateChain: server.chain, privateKey: server.chain) }
      ),
    ]
    for (expected, attempt) in attempts {
      let error = #expect(throws: TLSError.self) { try attempt() }
      #expect(error?.code == .malformedPEM)
      #expect(error?.message.contains(expected) == true, "\(error!)")
      #expect(error?.message.hasPrefix(certificates.directory) == true, "\(error!)")
    }
  }

  @Test("A key of another certificate is refused, with both names")
  func mismatch() throws {
    let certificates = try certificates.get()
    let error = #expect(throws: TLSError.self) {
      try TLSContext.server(
        certificateChain: certificates.server.chain, privateKey: certificates.agent("time").key,
        trustRoots: certificates.ca, clientCertificate: .required)
    }
    #expect(error?.code == .keyMismatch)
    #expect(
      error?.message
        == "the private key \(certificates.agent("time").key) does not belong to the certificate "
        + certificates.server.chain)
  }

  @Test("A certificate without its key, or a key alone, is refused")
  func halfAnIdentity() throws {
    let certificates = try certificates.get()
    for (chain, key) in [(certificates.server.chain, nil), (nil, certificates.server.key)] as [(String?, String?)] {
      let error = #expect(throws: TLSError.self) {
        try TLSContext.client(trustRoots: certificates.ca, certificateChain: chain, privateKey: key)
      }
      #expect(error?.code == .keyMismatch)
    }
  }

  @Test("Client certificates cannot be verified without trust roots")
  func noTrustRoots() throws {
    let server = try certificates.get().server
    #expect(throws: TLSError.self) {
      try TLSContext.server(
        certificateChain: server.chain, privateKey: server.key, trustRoots: nil, clientCertificate: .optional)
    }
    #expect(throws: Never.self) {
      try TLSContext.server(
        certificateChain: server.chain, privateKey: server.key, trustRoots: nil, clientCertificate: .none)
    }
  }
}

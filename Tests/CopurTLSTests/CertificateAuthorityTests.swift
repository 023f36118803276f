import CopurTLS
import Foundation
import Testing

/// An authority stays what it is: certificates that were given out stay good when others are added.
struct CertificateAuthorityTests {
  private let directory = Scratch.directory()

  private func accepts(
    _ pair: DevelopmentCertificates.Pair, of files: DevelopmentCertificates, revocations: String? = nil
  ) throws -> Bool {
    let server = try TLSContext.server(
      certificateChain: files.server.chain, privateKey: files.server.key, trustRoots: files.ca,
      revocations: revocations, clientCertificate: .required)
    let client = try TLSContext.client(trustRoots: files.ca, certificateChain: pair.chain, privateKey: pair.key)
    return try SessionPair(client: client, server: server).handshake().server?.error == nil
  }

  @Test("A name that is added later leaves the authority and the others as they are")
  func adding() throws {
    // Every call once made a new authority: the certificates of before lay there, worthless, without a word.
    let first = try CertificateAuthority(in: directory)
    let server = try first.addServer(hosts: ["localhost"])
    let a = try first.add(role: "agent", name: "a")
    #expect(server.isNew && a.isNew)
    let before = try String(contentsOfFile: a.pair.chain, encoding: .utf8)
    let second = try CertificateAuthority(in: directory)
    let b = try second.add(role: "agent", name: "b")
    let again = try second.add(role: "agent", name: "a")
    #expect(b.isNew && !again.isNew && again.notAfter == a.notAfter)
    #expect(try String(contentsOfFile: a.pair.chain, encoding: .utf8) == before)
    #expect(try accepts(a.pair, of: second.files) && accepts(b.pair, of: second.files))
    // Renewed: another certificate, still of the same authority.
    let renewed = try second.add(role: "agent", name: "a", renews: true)
    #expect(try renewed.isNew && String(contentsOfFile: a.pair.chain, encoding: .utf8) != before)
    #expect(try accepts(renewed.pair, of: second.files))
  }

  @Test("A server's certificate for other hosts is not taken for the one that was wanted")
  func hosts() throws {
    let authority = try CertificateAuthority(in: directory)
    _ = try authority.addServer(hosts: ["localhost", "10.0.0.1"])
    #expect(try !authority.addServer(hosts: ["localhost", "10.0.0.1"]).isNew)
    let error = #expect(throws: TLSError.self) { try authority.addServer(hosts: ["example.org"]) }
    #expect(error?.code == .authority && error?.message.contains("example.org") == true)
    #expect(try authority.addServer(hosts: ["example.org"], renews: true).isNew)
  }

  @Test("Half an authority, another one's files and an authority that is over are refused with the rule")
  func unusable() throws {
    let made = try DevelopmentCertificates.make(in: directory, agents: ["a"])
    try FileManager.default.removeItem(atPath: made.authority.key)
    var error = #expect(throws: TLSError.self) { _ = try CertificateAuthority(in: directory) }
    #expect(error?.code == .authority && error?.message.contains("missing: \(made.authority.key)") == true)
    try FileManager.default.removeItem(atPath: made.ca)
    error = #expect(throws: TLSError.self) { _ = try CertificateAuthority(in: directory) }
    #expect(error?.code == .authority && error?.message.contains(".pem)") == true)
    error = #expect(throws: TLSError.self) { _ = try CertificateAuthority(in: Scratch.directory(), makes: false) }
    #expect(error?.code == .authority)

    // Files of one authority beside another's key.
    let (one, other) = (Scratch.directory(), Scratch.directory())
    _ = try CertificateAuthority(in: one).add(role: "agent", name: "a")
    _ = try CertificateAuthority(in: other)
    try FileManager.default.copyItem(atPath: "\(one)/agent-a.pem", toPath: "\(other)/agent-a.pem")
    error = #expect(throws: TLSError.self) { try CertificateAuthority(in: other).add(role: "agent", name: "a") }
    #expect(error?.code == .authority && error?.message.contains("of another authority") == true)
  }

  @Test("A party's key never leaves it: a request is signed for the name that the authority says")
  func requests() throws {
    let authority = try CertificateAuthority(in: directory)
    _ = try authority.addServer(hosts: ["localhost"])
    let party = Scratch.directory()
    try FileManager.default.createDirectory(atPath: party, withIntermediateDirectories: true)
    try CertificateRequest.make(name: "whatever", key: "\(party)/g.key", request: "\(party)/g.csr")
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(party)/g.key")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let made = try authority.sign("\(party)/g.csr", role: "agent", name: "gyro")
    #expect(!FileManager.default.fileExists(atPath: made.pair.key))
    let server = try authority.files.serverContext()
    let client = try TLSContext.client(
      trustRoots: authority.files.ca, certificateChain: made.pair.chain, privateKey: "\(party)/g.key")
    let pair = try SessionPair(client: client, server: server)
    #expect(pair.handshake().server?.error == nil)
    #expect(try pair.server.peerCertificate()?.uris == ["spiffe://copur/agent/gyro"])
    // A key is made once.
    #expect(throws: TLSError.self) {
      try CertificateRequest.make(name: "g", key: "\(party)/g.key", request: "\(party)/other.csr")
    }
    // A request whose signature is not its own key's.
    var text = try String(contentsOfFile: "\(party)/g.csr", encoding: .utf8).split(separator: "\n")
    let line = text[2]
    text[2] = line.first == "A" ? "B" + line.dropFirst() : "A" + line.dropFirst()
    try text.joined(separator: "\n").write(toFile: "\(party)/bad.csr", atomically: true, encoding: .utf8)
    let error = #expect(throws: TLSError.self) { try authority.sign("\(party)/bad.csr", role: "agent", name: "g") }
    #expect(error?.code == .malformedPEM && error?.message.hasPrefix("\(party)/bad.csr") == true)
  }

  @Test("Who is revoked is refused, and nobody else; without a list of the authority everybody is")
  func revocation() throws {
    let authority = try CertificateAuthority(in: directory)
    _ = try authority.addServer(hosts: ["localhost"])
    let (a, b) = (try authority.add(role: "agent", name: "a").pair, try authority.add(role: "agent", name: "b").pair)
    let c = try authority.add(role: "agent", name: "c").pair
    let list = try authority.revoke(a.chain)
    #expect(try authority.revoke(c.chain) == list)
    #expect(try !accepts(a, of: authority.files, revocations: list))
    #expect(try accepts(b, of: authority.files, revocations: list))
    #expect(try !accepts(c, of: authority.files, revocations: list))
    #expect(try accepts(a, of: authority.files))
    let other = try CertificateAuthority(in: Scratch.directory())
    let foreign = try other.revoke(try other.add(role: "agent", name: "a").pair.chain)
    #expect(try !accepts(b, of: authority.files, revocations: foreign))
    let error = #expect(throws: TLSError.self) { try other.revoke(b.chain) }
    #expect(error?.code == .authority)
  }

  @Test("Authorities that are over: said beside others, refused where there is no other")
  func validity() throws {
    let old = Date(timeIntervalSinceNow: -4000 * 86_400)
    let past = try DevelopmentCertificates.make(
      in: Scratch.directory(), agents: ["a"], validity: old..<old.addingTimeInterval(86_400))
    let good = try DevelopmentCertificates.make(in: directory, agents: ["a"])
    let error = #expect(throws: TLSError.self) {
      try TLSContext.client(
        trustRoots: past.ca, certificateChain: good.agent("a").chain, privateKey: good.agent("a").key
      ).checkValidity()
    }
    #expect(error?.code == .certificateNotValid && error?.message.contains("every peer would be refused") == true)
    let both = "\(directory)/both.pem"
    let text = try [past.ca, good.ca].map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
    try text.write(toFile: both, atomically: true, encoding: .utf8)
    let warnings = try TLSContext.client(
      trustRoots: both, certificateChain: good.agent("a").chain, privateKey: good.agent("a").key
    ).checkValidity()
    #expect(warnings.count == 1 && warnings[0].contains("copur development CA"), "\(warnings)")
    #expect(try TLSContext.client(trustRoots: good.ca).checkValidity() == [])
    let soon = try DevelopmentCertificates.make(
      in: Scratch.directory(), agents: ["a"],
      validity: Date(timeIntervalSinceNow: -60)..<Date(timeIntervalSinceNow: 600))
    #expect(try soon.serverContext().checkValidity().contains { $0.contains("ends within a week") })
  }

  @Test("The certificate and the authority that it comes from are known by their digests")
  func fingerprints() throws {
    let good = try DevelopmentCertificates.make(in: directory, agents: ["a"])
    let pair = try SessionPair(
      client: try TLSContext.client(
        trustRoots: good.ca, certificateChain: good.agent("a").chain, privateKey: good.agent("a").key),
      server: good.serverContext())
    _ = pair.handshake()
    let shown = try #require(try pair.server.peerCertificate()).fingerprints
    #expect(shown.count == 2 && Set(shown).count == 2)
    #expect(shown.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
  }
}

import CopurTLS
import Foundation
import NIOCore
import Testing

struct TLSSessionTests {
  private let certificates = TestCertificates.shared

  @Test("Client and server agree on TLS 1.3 and HTTP/2 and see each other's names")
  func handshake() throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.clientContext(), server: certificates.serverContext())
    let outcome = pair.handshake()
    #expect(outcome.client?.error == nil && outcome.client != nil)
    #expect(outcome.server?.error == nil && outcome.server != nil)
    for session in [pair.client, pair.server] {
      #expect(session.applicationProtocol == "h2")
      #expect(session.protocolVersion == "TLSv1.3")
    }
    let client = try #require(try pair.server.peerCertificate())
    #expect(client.commonName == "time")
    #expect(client.uris == ["spiffe://copur/agent/time"])
    #expect(client.dnsNames == [])
    let server = try #require(try pair.client.peerCertificate())
    #expect(server.uris == ["spiffe://copur/server"])
    #expect(server.dnsNames == ["localhost"])
    #expect(abs(server.notAfter.timeIntervalSinceNow - 90 * 86_400) < 600)
  }

  @Test("A server gives out no session tickets: after the client's Finished it has nothing to say")
  func noTickets() throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.clientContext(), server: certificates.serverContext())
    let hello = try pair.client.handshake()
    pair.server.receive(try #require(pair.client.takeCiphertext()))
    _ = try pair.server.handshake()
    pair.client.receive(try #require(pair.server.takeCiphertext()))
    let client = try pair.client.handshake()
    pair.server.receive(try #require(pair.client.takeCiphertext()))
    let server = try pair.server.handshake()
    #expect(hello == .waiting && client == .complete && server == .complete)
    #expect(pair.server.takeCiphertext() == nil)
  }

  @Test("Any name of the certificate will do", arguments: ["localhost", "127.0.0.1", "::1"])
  func serverNames(_ name: String) throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(
      client: certificates.clientContext(), server: certificates.serverContext(), serverName: name)
    #expect(pair.handshake().client?.error == nil)
  }

  @Test("Another name will not", arguments: ["example.org", "127.0.0.2", "localhos", "ocalhost"])
  func wrongServerName(_ name: String) throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(
      client: certificates.clientContext(), server: certificates.serverContext(), serverName: name)
    let error = try #require(pair.handshake().client?.error)
    #expect(error.code == .handshakeFailed)
    #expect(error.message.contains("mismatch"), "\(error)")
  }

  @Test("A name that is none is refused", arguments: ["", "local\0host"])
  func invalidServerName(_ name: String) throws {
    let context = try certificates.get().clientContext()
    let error = #expect(throws: TLSError.self) { try TLSSession(context: context, role: .client(serverName: name)) }
    #expect(error?.code == .invalidName)
  }

  @Test("A client does not believe a server of another authority")
  func unknownAuthority() throws {
    let certificates = try certificates.get()
    let strangers = try TestCertificates.make()
    let pair = try SessionPair(
      client: certificates.clientContext(trusting: strangers), server: certificates.serverContext())
    let outcome = pair.handshake()
    let error = try #require(outcome.client?.error)
    #expect(error.message.contains("certificate verify failed"), "\(error)")
    // The alert tells the server why.
    let alert = try #require(outcome.server?.error)
    #expect(alert.message.contains("unknown ca") || alert.message.contains("decrypt error"), "\(alert)")
  }

  @Test(
    "Certificates are good in their time only",
    arguments: [(-10.0, -5.0, "certificate has expired"), (5.0, 10.0, "certificate is not yet valid")])
  func validity(_ from: Double, _ to: Double, _ reason: String) throws {
    let now = Date()
    let certificates = try TestCertificates.make(
      validity: now.addingTimeInterval(from * 86_400)..<now.addingTimeInterval(to * 86_400))
    let pair = try SessionPair(client: certificates.clientContext(), server: certificates.serverContext())
    let error = try #require(pair.handshake().client?.error)
    #expect(error.message.contains(reason), "\(error)")

    // The authority is the same, so that a client of an expired certificate is refused for that alone.
    let server = try SessionPair(
      client: certificates.clientContext(trusting: self.certificates.get()),
      server: .server(
        certificateChain: self.certificates.get().server.chain, privateKey: self.certificates.get().server.key,
        trustRoots: certificates.ca, clientCertificate: .required))
    let refusal = try #require(server.handshake().server?.error)
    #expect(refusal.message.contains(reason), "\(refusal)")
  }

  @Test("A client has to show a certificate if the server says so")
  func missingClientCertificate() throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.anonymousContext(), server: certificates.serverContext())
    let outcome = pair.handshake()
    let error = try #require(outcome.server?.error)
    #expect(error.message.contains("peer did not return a certificate"), "\(error)")
    let alert = try #require(outcome.client?.error)
    #expect(alert.message.contains("certificate required"), "\(alert)")
  }

  @Test("A client may stay anonymous where it may", arguments: [TLSContext.ClientCertificate.optional, .none])
  func anonymousClient(_ mode: TLSContext.ClientCertificate) throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.anonymousContext(), server: certificates.serverContext(mode))
    let outcome = pair.handshake()
    #expect(outcome.server != nil && outcome.server?.error == nil)
    #expect(try pair.server.peerCertificate() == nil)
  }

  @Test("A certificate that is optional still has to verify")
  func optionalCertificate() throws {
    let certificates = try certificates.get()
    let strangers = try TestCertificates.make()
    let pair = try SessionPair(
      client: strangers.clientContext(trusting: certificates), server: certificates.serverContext(.optional))
    let error = try #require(pair.handshake().server?.error)
    #expect(error.message.contains("certificate verify failed"), "\(error)")
  }

  @Test("A server's certificate is not good for a client, nor a client's for a server")
  func wrongPurpose() throws {
    let certificates = try certificates.get()
    let asClient = try SessionPair(
      client: certificates.clientContext(certificates.server), server: certificates.serverContext())
    let clientError = try #require(asClient.handshake().server?.error)
    #expect(clientError.message.contains("purpose"), "\(clientError)")

    let agent = certificates.agent("time")
    let asServer = try SessionPair(
      client: certificates.clientContext(),
      server: .server(
        certificateChain: agent.chain, privateKey: agent.key, trustRoots: certificates.ca,
        clientCertificate: .required))
    let serverError = try #require(asServer.handshake().client?.error)
    #expect(serverError.message.contains("purpose"), "\(serverError)")
  }

  @Test("TLS 1.2 is refused")
  func oldVersion() throws {
    try expectRefusal(of: ClientHello(protocols: ["h2"], offersTLS13: false).record, "unsupported protocol")
  }

  @Test("Another protocol than HTTP/2 is refused", arguments: [["http/1.1"], ["h3", "spdy/3", "h"]])
  func otherProtocol(_ protocols: [String]) throws {
    try expectRefusal(
      of: ClientHello(protocols: protocols, offersTLS13: true).record, "no application protocol")
  }

  @Test("The same greeting with HTTP/2 among the protocols is answered")
  func greeting() throws {
    let server = try TLSSession(context: certificates.get().serverContext(), role: .server)
    server.receive(ClientHello(protocols: ["http/1.1", "h2"], offersTLS13: true).record)
    #expect(try server.handshake() == .waiting)
    #expect(server.takeCiphertext() != nil)
  }

  @Test("What is not TLS is refused", arguments: ["GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
  func notTLS(_ text: String) throws {
    try expectRefusal(of: ByteBuffer(string: text), "the handshake failed")
  }

  private func expectRefusal(of bytes: ByteBuffer, _ reason: String) throws {
    let server = try TLSSession(context: certificates.get().serverContext(), role: .server)
    server.receive(bytes)
    let error = #expect(throws: TLSError.self) { try server.handshake() }
    #expect(error?.code == .handshakeFailed)
    #expect(error?.message.contains(reason) == true, "\(error!)")
  }

  @Test("Text passes through, however it is cut, until the end is said", arguments: [1, 100, 16_384, 100_000])
  func transfer(_ count: Int) throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.clientContext(), server: certificates.serverContext())
    _ = pair.handshake()
    let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try sent.withUnsafeBytes { try pair.client.write($0) }
    pair.client.close()
    var ciphertext = try #require(pair.client.takeCiphertext())
    var received = ByteBuffer()
    var outcome = TLSSession.ReadOutcome.waiting
    while let piece = ciphertext.readSlice(length: min(1000, ciphertext.readableBytes)), piece.readableBytes > 0 {
      #expect(outcome == .waiting)
      pair.server.receive(piece)
      outcome = try pair.server.read(into: &received)
    }
    #expect(outcome == .closed)
    #expect(Array(received.readableBytesView) == sent)
  }

  @Test("A record that was changed on its way is refused")
  func tampering() throws {
    let certificates = try certificates.get()
    let pair = try SessionPair(client: certificates.clientContext(), server: certificates.serverContext())
    _ = pair.handshake()
    try pair.client.write(Array("secret".utf8))
    var ciphertext = Array(try #require(pair.client.takeCiphertext()).readableBytesView)
    ciphertext[ciphertext.count - 1] ^= 1
    pair.server.receive(ByteBuffer(bytes: ciphertext))
    var buffer = ByteBuffer()
    let error = #expect(throws: TLSError.self) { try pair.server.read(into: &buffer) }
    #expect(error?.code == .protocolViolation)
    #expect(error?.message.contains("bad record mac") == true, "\(error!)")
    #expect(buffer.readableBytes == 0)
    // Nothing can be written after that, and trying does no harm.
    #expect(throws: TLSError.self) { try pair.server.write([1]) }
  }
}

extension TLSSession {
  fileprivate func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }
}

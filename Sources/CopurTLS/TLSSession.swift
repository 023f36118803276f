internal import COpenSSL
public import NIOCore

/// One TLS connection without a socket: ciphertext on one side, plaintext on the other.
///
/// Not thread-safe; a session belongs to one event loop.
public final class TLSSession {
  /// An end of the connection.
  public enum Role: Sendable {
    /// A client that wants the server's certificate to be for this host name or IP address.
    case client(serverName: String)
    /// A server.
    case server
  }

  /// The progress of the handshake.
  public enum HandshakeProgress: Sendable {
    /// The peer has to speak next.
    case waiting
    /// Plaintext may flow.
    case complete
  }

  /// Why reading stopped.
  public enum ReadOutcome: Sendable {
    /// All that had arrived is read.
    case waiting
    /// The peer has said that it sends no more.
    case closed
  }

  private let context: TLSContext
  private let ciphertext = CiphertextBIO()
  private let ssl: OpaquePointer
  private var failed = false

  /// Creates a session that has not sent anything yet.
  ///
  /// - Parameters:
  ///   - context: Certificates and trust, made for the same role.
  ///   - role: Which end of the connection this is.
  /// - Throws: A ``TLSError`` if the server name is not a host name, or memory is short.
  public init(context: TLSContext, role: Role) throws(TLSError) {
    // NULL only when memory is short.
    guard let ssl = context.withPointer({ SSL_new($0) }) else { throw OpenSSLErrorQueue.libraryFailure("SSL_new") }
    self.context = context
    self.ssl = ssl
    let bio = try ciphertext.makeBIO()
    // Takes the one reference, for both directions.
    SSL_set_bio(ssl, bio, bio)
    switch role {
    case .server:
      SSL_set_accept_state(ssl)
    case .client(let serverName):
      SSL_set_connect_state(ssl)
      try expect(serverName: serverName)
    }
  }

  deinit {
    SSL_free(ssl)
  }

  /// Has the handshake check the server's name, and sends it where that is allowed.
  private func expect(serverName: String) throws(TLSError) {
    // 1 if the text is an IP address.
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName) == 1 { return }
    OpenSSLErrorQueue.clear()
    SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    // RFC 6066 section 3: host names only, never IP addresses.
    guard !serverName.isEmpty, !serverName.utf8.contains(0),
      SSL_set1_host(ssl, serverName) == 1, copur_SSL_set_tlsext_host_name(ssl, serverName) == 1
    else {
      throw TLSError(
        code: .invalidName,
        message: "the server's name has to be a host name or an IP address (actual: \"\(serverName)\")")
    }
  }

  /// Adds bytes that came from the network.
  public func receive(_ bytes: ByteBuffer) {
    ciphertext.receive(bytes)
  }

  /// Takes the bytes that have to go to the network, an alert included when a call has thrown.
  public func takeCiphertext() -> ByteBuffer? {
    ciphertext.takeOutbound()
  }

  /// Takes the handshake as far as the bytes received allow.
  ///
  /// - Throws: A ``TLSError`` that says why the handshake failed, in OpenSSL's words.
  public func handshake() throws(TLSError) -> HandshakeProgress {
    OpenSSLErrorQueue.clear()
    let result = SSL_do_handshake(ssl)
    guard result != 1 else {
      // RFC 9113 section 3.2: HTTP/2 over TLS has to be negotiated. A peer without ALPN passes OpenSSL's check.
      let expected = context.applicationProtocol
      guard applicationProtocol == expected.rawValue || (applicationProtocol == nil && expected == .http1) else {
        throw TLSError(
          code: .noApplicationProtocol,
          message: "the peer has to negotiate the protocol \"\(expected.rawValue)\""
            + " (actual: \"\(applicationProtocol ?? "")\")")
      }
      return .complete
    }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      return .waiting
    default:
      throw failure(.handshakeFailed, "the handshake failed")
    }
  }

  /// Decrypts what has arrived and appends it to `buffer`.
  ///
  /// - Parameter buffer: Where the plaintext goes.
  /// - Returns: Why reading stopped.
  /// - Throws: A ``TLSError`` if the peer broke the protocol or sent an alert.
  public func read(into buffer: inout ByteBuffer) throws(TLSError) -> ReadOutcome {
    OpenSSLErrorQueue.clear()
    // Plaintext is never longer than its ciphertext, so this is mostly the only allocation.
    var room = max(ciphertext.inbound.readableBytes, 1024)
    while true {
      var count = 0
      var result: Int32 = 0
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        result = SSL_read_ex(ssl, target.baseAddress, target.count, &count)
        return count
      }
      guard result == 1 else {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
          return .waiting
        case SSL_ERROR_ZERO_RETURN:
          return .closed
        default:
          throw failure(.protocolViolation, "the connection failed")
        }
      }
      // OpenSSL is not asked again only to hear that nothing has come.
      if ciphertext.inbound.readableBytes == 0, SSL_has_pending(ssl) == 0 { return .waiting }
      room = max(ciphertext.inbound.readableBytes, 1024)
    }
  }

  /// Encrypts `plaintext`; the records are then in ``takeCiphertext()``.
  ///
  /// - Throws: A ``TLSError`` if the session is closed or has failed.
  public func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSError) {
    guard !plaintext.isEmpty else { return }
    // RFC 8446 section 5.1: at most 2^14 bytes a record; header, content type and tag take 22 more.
    let records = (plaintext.count + (1 << 14) - 1) >> 14
    ciphertext.outbound.reserveCapacity(minimumWritableBytes: plaintext.count + 22 * records)
    OpenSSLErrorQueue.clear()
    var written = 0
    let result = SSL_write_ex(ssl, plaintext.baseAddress, plaintext.count, &written)
    // The BIO always takes all, so that there is no partial success.
    guard result == 1 else { throw failure(.closed, "writing failed") }
  }

  /// Says to the peer that nothing more will be sent.
  public func close() {
    // RFC 8446 section 6.1. After a fatal alert OpenSSL may not be called any more.
    guard !failed else { return }
    OpenSSLErrorQueue.clear()
    SSL_shutdown(ssl)
    OpenSSLErrorQueue.clear()
  }

  /// The protocol that ALPN agreed on.
  public var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &length)
    guard let name, length > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
  }

  /// The protocol's version, such as "TLSv1.3".
  public var protocolVersion: String {
    String(cString: SSL_get_version(ssl))
  }

  /// Reads the names out of the certificate that the peer showed, `nil` if it showed none.
  ///
  /// - Throws: A ``TLSError`` if a name in it cannot be read.
  public func peerCertificate() throws(TLSError) -> PeerCertificate? {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
    defer { X509_free(certificate) }
    var peer = try PeerCertificate(certificate)
    // Nil where nothing was verified; the certificate itself is the first.
    if let chain = SSL_get0_verified_chain(ssl) {
      peer.fingerprints = (0..<copur_X509_count(chain)).compactMap { copur_X509_get(chain, $0) }
        .map(PeerCertificate.fingerprint)
    }
    return peer
  }

  private func failure(_ code: TLSError.Code, _ what: String) -> TLSError {
    failed = true
    let refusesCertificate = OpenSSLErrorQueue.refusesCertificate
    let reason = OpenSSLErrorQueue.drain()
    let verification = SSL_get_verify_result(ssl)
    var message = "\(what): \(reason ?? "the peer closed the connection")"
    if verification != X509_V_OK, let text = X509_verify_cert_error_string(verification) {
      message += ": \(String(cString: text))"
    }
    var error = TLSError(code: code, message: message)
    error.refusesCertificate = refusesCertificate
    return error
  }
}

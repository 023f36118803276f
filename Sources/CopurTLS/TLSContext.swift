internal import COpenSSL
internal import Synchronization

/// Certificates, trust and protocol settings that the sessions of one server or client share.
///
/// TLS 1.3 only, ALPN with one protocol only, no session tickets, no session cache, no early data.
public final class TLSContext: Sendable {
  /// Whether a server asks its clients for a certificate.
  public enum ClientCertificate: Sendable {
    /// A client without a certificate that verifies is refused.
    case required
    /// A client may stay anonymous; a certificate that it does send has to verify.
    case optional
    /// No certificate is asked for.
    case none
  }

  enum Role: Sendable {
    case server
    case client
  }

  /// Owns an `SSL_CTX`, which counts references atomically and is not changed once its context is made, so that threads
  /// may share it. A session has a reference of its own.
  private final class Settings: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { SSL_CTX_free(pointer) }
  }

  let role: Role
  /// The protocol that is spoken inside TLS.
  let applicationProtocol: ApplicationProtocol
  private let settings: Mutex<Settings>

  private init(role: Role, applicationProtocol: ApplicationProtocol = .http2) throws(TLSError) {
    // NULL only when memory is short.
    guard let pointer = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
      throw OpenSSLErrorQueue.libraryFailure("SSL_CTX_new")
    }
    self.role = role
    self.applicationProtocol = applicationProtocol
    settings = Mutex(Settings(pointer))

    // 1 on success, 0 on failure.
    guard
      copur_SSL_CTX_set_min_proto_version(pointer, TLS1_3_VERSION) == 1,
      copur_SSL_CTX_set_max_proto_version(pointer, TLS1_3_VERSION) == 1,
      SSL_CTX_set_num_tickets(pointer, 0) == 1,
      SSL_CTX_set_max_early_data(pointer, 0) == 1
    else { throw OpenSSLErrorQueue.libraryFailure("Setting TLS 1.3 up") }
    copur_SSL_CTX_disable_session_cache(pointer)
    copur_SSL_CTX_release_idle_buffers(pointer)
    // Without this, OpenSSL asks for the passphrase of an encrypted key on the terminal.
    SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in 0 }

    switch role {
    case .server:
      switch applicationProtocol {
      case .http1: SSL_CTX_set_alpn_select_cb(pointer, selectHTTP1, nil)
      case .http2: SSL_CTX_set_alpn_select_cb(pointer, selectHTTP2, nil)
      }
    case .client:
      let wire = applicationProtocol.wire
      // 0 on success, unlike most of OpenSSL.
      guard SSL_CTX_set_alpn_protos(pointer, wire, UInt32(wire.count)) == 0
      else { throw OpenSSLErrorQueue.libraryFailure("SSL_CTX_set_alpn_protos") }
    }
  }

  /// A context for servers.
  ///
  /// - Parameters:
  ///   - certificateChain: Path of a PEM file: the server's certificate, then intermediate ones.
  ///   - privateKey: Path of a PEM file with the certificate's private key, not encrypted.
  ///   - trustRoots: Path of a PEM file with the authorities that client certificates have to chain to.
  ///   - revocations: Path of a PEM file with the lists of revoked certificates of those authorities, each of which needs one
  ///     then; nil: none is revoked.
  ///   - clientCertificate: Whether clients have to show a certificate; anything but `.none` needs `trustRoots`.
  ///   - applicationProtocol: What is spoken inside; a client that offers only others is turned away.
  /// - Throws: A ``TLSError`` that names the file and what is wrong with it.
  public static func server(
    certificateChain: String,
    privateKey: String,
    trustRoots: String?,
    revocations: String? = nil,
    clientCertificate: ClientCertificate,
    applicationProtocol: ApplicationProtocol = .http2
  ) throws(TLSError) -> TLSContext {
    let context = try TLSContext(role: .server, applicationProtocol: applicationProtocol)
    try context.loadIdentity(certificateChain: certificateChain, privateKey: privateKey)
    if let trustRoots { try context.loadTrustRoots(trustRoots) }
    if let revocations { try context.loadRevocations(revocations) }
    guard trustRoots != nil || clientCertificate == .none else {
      throw TLSError(
        code: .fileUnreadable,
        message: "client certificates are to be verified (\(clientCertificate)), but no trust roots are given")
    }
    let mode =
      switch clientCertificate {
      case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      case .optional: SSL_VERIFY_PEER
      case .none: SSL_VERIFY_NONE
      }
    context.withPointer { SSL_CTX_set_verify($0, mode, nil) }
    return context
  }

  /// A context for clients; the server's certificate is always verified.
  ///
  /// - Parameters:
  ///   - trustRoots: Path of a PEM file with the authorities that the server's certificate has to chain to.
  ///   - revocations: Path of a PEM file with the lists of revoked certificates of those authorities.
  ///   - certificateChain: Path of a PEM file with the client's certificate, if it has one.
  ///   - privateKey: Path of a PEM file with that certificate's private key; given exactly when the chain is.
  /// - Throws: A ``TLSError`` that names the file and what is wrong with it.
  public static func client(
    trustRoots: String,
    revocations: String? = nil,
    certificateChain: String? = nil,
    privateKey: String? = nil
  ) throws(TLSError) -> TLSContext {
    let context = try TLSContext(role: .client)
    try context.loadTrustRoots(trustRoots)
    if let revocations { try context.loadRevocations(revocations) }
    switch (certificateChain, privateKey) {
    case (let chain?, let key?):
      try context.loadIdentity(certificateChain: chain, privateKey: key)
    case (nil, nil):
      break
    case (let chain?, nil):
      throw TLSError(code: .keyMismatch, message: "the certificate \(chain) is given without a private key")
    case (nil, let key?):
      throw TLSError(code: .keyMismatch, message: "the private key \(key) is given without a certificate")
    }
    context.withPointer { SSL_CTX_set_verify($0, SSL_VERIFY_PEER, nil) }
    return context
  }

  /// Takes over another context's certificates and trust: for the sessions that begin from now on.
  ///
  /// - Parameter other: A context for the same role.
  public func replace(with other: TLSContext) {
    precondition(role == other.role && applicationProtocol == other.applicationProtocol)
    let new = other.settings.withLock { $0 }
    settings.withLock { $0 = new }
  }

  /// Lends the pointer; it must not be kept.
  func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    let settings = settings.withLock { $0 }
    return withExtendedLifetime(settings) { body(settings.pointer) }
  }
}

/// Picks `h2` from the names that a client offers.
private func selectHTTP2(
  _: OpaquePointer?,
  selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  selectedLength: UnsafeMutablePointer<UInt8>?,
  offered: UnsafePointer<UInt8>?,
  offeredLength: UInt32,
  _: UnsafeMutableRawPointer?
) -> Int32 {
  ApplicationProtocol.http2.select(
    from: UnsafeBufferPointer(start: offered, count: Int(offeredLength)), selected, selectedLength)
}

/// Picks `http/1.1` from the names that a client offers.
private func selectHTTP1(
  _: OpaquePointer?,
  selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  selectedLength: UnsafeMutablePointer<UInt8>?,
  offered: UnsafePointer<UInt8>?,
  offeredLength: UInt32,
  _: UnsafeMutableRawPointer?
) -> Int32 {
  ApplicationProtocol.http1.select(
    from: UnsafeBufferPointer(start: offered, count: Int(offeredLength)), selected, selectedLength)
}

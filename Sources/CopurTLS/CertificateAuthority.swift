internal import COpenSSL
public import Foundation

/// The development authority in a folder, `ca.pem` and `ca.key`, which adds certificates to those that are there.
///
/// Parties that keep their keys make a request (``CertificateRequest``), and get a certificate for it back.
public struct CertificateAuthority: ~Copyable {
  /// The outcome for a certificate that was asked for.
  public struct Addition: Sendable, Hashable {
    /// The files of certificate and key.
    public var pair: DevelopmentCertificates.Pair
    /// The time at which it ends to be valid.
    public var notAfter: Date
    /// Whether it was made now; else it was there.
    public var isNew: Bool
  }

  /// The files of its folder.
  public let files: DevelopmentCertificates
  private let certificate: Certificate
  private let key: CertificateKey

  /// Opens the authority of a folder, or makes one in a folder that holds none of its files.
  ///
  /// - Parameter makes: Whether one is made where none is.
  /// - Throws: A ``TLSError`` that names the file: of code `.authority` if a part of the authority is missing, it is no
  ///   longer valid, or certificates of another one are there.
  public init(in directory: String, makes: Bool = true) throws(TLSError) {
    self = try Self.opened(in: directory, makes: makes)
  }

  private init(files: DevelopmentCertificates, certificate: consuming Certificate, key: consuming CertificateKey) {
    self.files = files
    self.certificate = certificate
    self.key = key
  }

  private static func opened(in directory: String, makes: Bool) throws(TLSError) -> CertificateAuthority {
    let files = DevelopmentCertificates(directory: directory)
    let (chain, keyPath) = (files.authority.chain, files.authority.key)
    switch (Self.isThere(chain), Self.isThere(keyPath)) {
    case (true, true):
      let certificate = try Certificate(reading: chain)
      let key = try CertificateKey(reading: keyPath)
      guard X509_check_private_key(certificate.pointer, key.pointer) == 1 else {
        OpenSSLErrorQueue.clear()
        throw TLSError(code: .keyMismatch, message: "the private key \(keyPath) does not belong to \(chain)")
      }
      guard try certificate.notAfter() > Date() else {
        throw TLSError(
          code: .authority,
          message: "\(chain): the authority has ended, so that nobody believes its certificates; make new ones in "
            + "another folder")
      }
      return CertificateAuthority(files: files, certificate: certificate, key: key)
    case (false, false) where makes:
      if let other = Self.certificates(in: directory).first {
        throw TLSError(
          code: .authority,
          message: "\(directory): a new authority is made beside no other one's files (there: \(other))")
      }
      let key = try CertificateKey()
      let certificate = try DevelopmentCertificates.authority(key: key, from: Date())
      try CertificateFile.write(
        [
          CertificateFile(path: keyPath, mode: 0o600, bytes: try key.pem()),
          CertificateFile(path: chain, mode: 0o644, bytes: try certificate.pem()),
        ], in: directory)
      return CertificateAuthority(files: files, certificate: certificate, key: key)
    case (let hasChain, _):
      throw TLSError(
        code: .authority,
        message: "\(directory): certificates are added by who has the authority's certificate and its key (missing: "
          + "\(hasChain ? keyPath : chain))")
    }
  }

  /// Makes the server's certificate, unless it is there.
  ///
  /// - Parameters:
  ///   - hosts: The host names and addresses by which clients reach it.
  ///   - renews: Whether one that is there is replaced.
  /// - Throws: A ``TLSError``: also if the one that is there is for other hosts.
  public func addServer(
    hosts: [String], renews: Bool = false, validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws(TLSError) -> Addition {
    let serverNames = "\(try DevelopmentCertificates.alternativeNames(hosts: hosts)),URI:spiffe://copur/server"
    if !renews, let there = try existing(files.server) {
      guard try Certificate(reading: files.server.chain).hasAlternativeNames(serverNames) else {
        throw TLSError(
          code: .authority,
          message:
            "\(files.server.chain) is for other hosts (wanted: \(hosts.joined(separator: ", "))); --renew replaces it")
      }
      return there
    }
    return try issue(
      files.server, commonName: "copur server", names: serverNames, purpose: .server,
      validity: validity)
  }

  /// Makes the certificate of a process that hosts agents of a simulation, unless it is there.
  ///
  /// - Parameters:
  ///   - name: By the rule of a principal's name; a driver looks for ``DevelopmentCertificates/simulationServerName(_:)``.
  ///   - renews: Whether one that is there is replaced, with a new key.
  public func addSimulation(
    name: String, renews: Bool = false, validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws(TLSError) -> Addition {
    try DevelopmentCertificates.checkName(name, of: "a simulation's process")
    let pair = files.simulation(name)
    if !renews, let there = try existing(pair) { return there }
    return try issue(
      pair, commonName: "copur simulation",
      names: try DevelopmentCertificates.alternativeNames(hosts: [DevelopmentCertificates.simulationServerName(name)]),
      purpose: .server, validity: validity)
  }

  /// Makes the certificate of a principal, unless it is there.
  ///
  /// - Parameters:
  ///   - role: `agent`, `client`, `driver`, `viewer` or `admin`.
  ///   - name: By the rule of ``DevelopmentCertificates/make(in:agents:clients:viewers:admins:drivers:simulations:hosts:validity:)``.
  ///   - renews: Whether one that is there is replaced, with a new key.
  public func add(
    role: String, name: String, renews: Bool = false,
    validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws(TLSError) -> Addition {
    try DevelopmentCertificates.checkName(name, of: "\(role == "agent" || role == "admin" ? "an" : "a") \(role)")
    let pair = files.pair("\(role)-\(name)")
    if !renews, let there = try existing(pair) { return there }
    return try issue(
      pair, commonName: name, names: "URI:spiffe://copur/\(role)/\(name)", purpose: .client, validity: validity)
  }

  /// Makes the certificate of a principal who keeps the key.
  ///
  /// The role and the name are this side's word, whatever the request says.
  ///
  /// - Parameter request: The path of a request in PEM (PKCS #10), signed with the key that it is for.
  public func sign(
    _ request: String, role: String, name: String,
    validity: Range<Date> = DevelopmentCertificates.defaultValidity()
  ) throws(TLSError) -> Addition {
    try DevelopmentCertificates.checkName(name, of: "\(role == "agent" || role == "admin" ? "an" : "a") \(role)")
    let pair = files.pair("\(role)-\(name)")
    guard !Self.isThere(pair.key) else {
      throw TLSError(
        code: .authority, message: "\(pair.key): who keeps a key has none here; remove it, or choose another name")
    }
    let key = try CertificateRequest.key(of: request)
    let certificate = try Certificate.issue(
      commonName: name, alternativeNames: "URI:spiffe://copur/\(role)/\(name)", purpose: .client,
      validity: try within(validity), key: key, issuer: self.certificate.pointer, issuerKey: self.key)
    try CertificateFile.write(
      [CertificateFile(path: pair.chain, mode: 0o644, bytes: try certificate.pem())], in: files.directory)
    return Addition(pair: pair, notAfter: try certificate.notAfter(), isNew: true)
  }

  /// Adds a certificate to the list of those that are not to be believed any more, `crl.pem`, which is signed anew.
  ///
  /// - Parameter path: A certificate of this authority.
  /// - Returns: The list's path.
  public func revoke(_ path: String) throws(TLSError) -> String {
    let revoked = try Certificate(reading: path)
    guard X509_verify(revoked.pointer, key.pointer) == 1 else {
      OpenSSLErrorQueue.clear()
      throw TLSError(code: .authority, message: "\(path) is of another authority than \(files.authority.chain)")
    }
    let list = try RevocationList(issuer: certificate.pointer, readingIfThere: files.revocations)
    try list.add(revoked.pointer)
    try list.sign(with: key.pointer)
    try CertificateFile.write(
      [CertificateFile(path: files.revocations, mode: 0o644, bytes: try list.pem())], in: files.directory)
    return files.revocations
  }

  private func issue(
    _ pair: DevelopmentCertificates.Pair, commonName: String, names: String, purpose: Certificate.Purpose,
    validity: Range<Date>
  ) throws(TLSError) -> Addition {
    let key = try CertificateKey()
    let certificate = try Certificate.issue(
      commonName: commonName, alternativeNames: names, purpose: purpose, validity: try within(validity), key: key,
      issuer: self.certificate.pointer, issuerKey: self.key)
    try CertificateFile.write(
      [
        CertificateFile(path: pair.key, mode: 0o600, bytes: try key.pem()),
        CertificateFile(path: pair.chain, mode: 0o644, bytes: try certificate.pem()),
      ], in: files.directory)
    return Addition(pair: pair, notAfter: try certificate.notAfter(), isNew: true)
  }

  /// No certificate outlives its authority, since it would not be believed.
  private func within(_ validity: Range<Date>) throws(TLSError) -> Range<Date> {
    let end = min(validity.upperBound, try certificate.notAfter())
    return min(validity.lowerBound, end)..<end
  }

  /// A certificate that is there and is of this authority.
  private func existing(_ pair: DevelopmentCertificates.Pair) throws(TLSError) -> Addition? {
    guard Self.isThere(pair.chain) else { return nil }
    let there = try Certificate(reading: pair.chain)
    guard X509_verify(there.pointer, key.pointer) == 1 else {
      OpenSSLErrorQueue.clear()
      throw TLSError(
        code: .authority,
        message: "\(pair.chain) is of another authority than \(files.authority.chain); --renew replaces it")
    }
    return Addition(pair: pair, notAfter: try there.notAfter(), isNew: false)
  }

  private static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static func certificates(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".pem") }.sorted()
  }
}

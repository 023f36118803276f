public import FoundationEssentials

/// A certificate authority for development and its certificates, as files in one directory.
///
/// Everyone who can read the directory can be anyone: not for production.
///
/// ```swift
/// let certificates = try DevelopmentCertificates.make(in: "certificates", agents: ["time", "audio"])
/// let context = try TLSContext.client(
///   trustRoots: certificates.ca,
///   certificateChain: certificates.agent("time").chain,
///   privateKey: certificates.agent("time").key)
/// ```
public struct DevelopmentCertificates: Sendable, Hashable {
  /// The paths of a certificate and its private key.
  public struct Pair: Sendable, Hashable {
    /// Path of the certificate (PEM).
    public var chain: String

    /// Path of its private key (PEM, PKCS #8, readable by its owner only).
    public var key: String
  }

  /// The directory that holds the files.
  public var directory: String

  /// Describes the files of a directory; none of them is looked at.
  ///
  /// - Parameter directory: The directory that ``make(in:agents:clients:viewers:admins:drivers:simulations:hosts:validity:)`` was given.
  public init(directory: String) {
    self.directory = directory
  }

  /// Path of the authority's certificate, which everyone trusts.
  public var ca: String { authority.chain }

  /// Path of the authority's list of certificates that are not to be believed any more; not there before one is revoked.
  public var revocations: String { "\(directory)/crl.pem" }

  /// The authority's certificate and key.
  public var authority: Pair { pair("ca") }

  /// The server's certificate, for the hosts that were given and `spiffe://copur/server`.
  public var server: Pair { pair("server") }

  /// The certificate of an agent, for `spiffe://copur/agent/NAME`.
  ///
  /// - Parameter name: One of the agents' names that were given.
  public func agent(_ name: String) -> Pair { pair("agent-\(name)") }

  /// The certificate of a client, for `spiffe://copur/client/NAME`.
  ///
  /// - Parameter name: One of the clients' names that were given.
  public func client(_ name: String) -> Pair { pair("client-\(name)") }

  /// The certificate of a driver of simulations, for `spiffe://copur/driver/NAME`.
  ///
  /// - Parameter name: One of the drivers' names that were given.
  public func driver(_ name: String) -> Pair { pair("driver-\(name)") }

  /// The certificate of a process that hosts agents of a simulation, by which its driver knows it.
  ///
  /// - Parameter name: One of the hosts' names that were given, ``simulationServerName(_:)`` of which it is for.
  public func simulation(_ name: String) -> Pair { pair("simulation-\(name)") }

  /// The name that a driver finds in the certificate of a process that hosts agents, wherever that listens.
  public static func simulationServerName(_ name: String) -> String { "\(name).simulation.copur" }

  /// The certificate of a viewer, for `spiffe://copur/viewer/NAME`.
  ///
  /// - Parameter name: One of the viewers' names that were given.
  public func viewer(_ name: String) -> Pair { pair("viewer-\(name)") }

  /// The certificate of an administrator, for `spiffe://copur/admin/NAME`.
  ///
  /// - Parameter name: One of the administrators' names that were given.
  public func admin(_ name: String) -> Pair { pair("admin-\(name)") }

  /// The time for which certificates made now are valid by default: from five minutes ago, because clocks differ, for 90
  /// days.
  ///
  /// - Parameter now: The time of making.
  public static func defaultValidity(from now: Date = Date()) -> Range<Date> {
    now.addingTimeInterval(-300)..<now.addingTimeInterval(90 * 86_400)
  }

  /// Makes an authority and certificates that it signs, and writes them as PEM files. Files there are replaced.
  ///
  /// - Parameters:
  ///   - directory: Where the files go; made if it does not exist.
  ///   - agents: The agents' names: 1 to 48 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit.
  ///   - clients: The clients' names, by the same rule.
  ///   - viewers: The viewers' names, by the same rule.
  ///   - admins: The administrators' names, by the same rule.
  ///   - drivers: The names of drivers of simulations, by the same rule.
  ///   - simulations: The names of processes that host agents of a simulation, by the same rule.
  ///   - hosts: The host names and IP addresses by which clients reach the server.
  ///   - validity: When the certificates are valid. The authority itself is valid from a day before for ten years.
  /// - Returns: The paths.
  /// - Throws: A ``TLSError`` that names the rule and the value, or the file that could not be written.
  public static func make(
    in directory: String,
    agents: [String],
    clients: [String] = ["client"],
    viewers: [String] = ["viewer"],
    admins: [String] = ["admin"],
    drivers: [String] = [],
    simulations: [String] = [],
    hosts: [String] = ["localhost", "127.0.0.1", "::1"],
    validity: Range<Date> = defaultValidity()
  ) throws(TLSError) -> DevelopmentCertificates {
    let paths = DevelopmentCertificates(directory: directory)
    // All names are checked before the first key is made.
    let roles = [("agent", agents), ("client", clients), ("viewer", viewers), ("admin", admins), ("driver", drivers)]
    for (role, names) in roles {
      for name in names { try checkName(name, of: role == "agent" || role == "admin" ? "an \(role)" : "a \(role)") }
    }
    for name in simulations { try checkName(name, of: "a simulation's process") }
    let hostNames = try alternativeNames(hosts: hosts)

    var files: [CertificateFile] = []
    let authorityKey = try CertificateKey()
    let authority = try authority(key: authorityKey, from: validity.lowerBound, to: validity.upperBound)
    files.append(CertificateFile(path: paths.authority.key, mode: 0o600, bytes: try authorityKey.pem()))
    files.append(CertificateFile(path: paths.authority.chain, mode: 0o644, bytes: try authority.pem()))

    var leaves: [(pair: Pair, commonName: String, names: String, purpose: Certificate.Purpose)] = [
      (paths.server, "copur server", "\(hostNames),URI:spiffe://copur/server", .server)
    ]
    for (role, names) in roles {
      leaves += names.map { (paths.pair("\(role)-\($0)"), $0, "URI:spiffe://copur/\(role)/\($0)", .client) }
    }
    for name in simulations {
      let names = try alternativeNames(hosts: [simulationServerName(name)])
      leaves.append((paths.simulation(name), "copur simulation", names, .server))
    }
    for leaf in leaves {
      let key = try CertificateKey()
      let certificate = try Certificate.issue(
        commonName: leaf.commonName,
        alternativeNames: leaf.names,
        purpose: leaf.purpose,
        validity: validity,
        key: key,
        issuer: authority.pointer,
        issuerKey: authorityKey)
      files.append(CertificateFile(path: leaf.pair.key, mode: 0o600, bytes: try key.pem()))
      files.append(CertificateFile(path: leaf.pair.chain, mode: 0o644, bytes: try certificate.pem()))
    }
    try CertificateFile.write(files, in: directory)
    return paths
  }

  /// The authority's certificate, which it signs itself: valid from a day before for ten years, so that certificates can be
  /// renewed and added, and at least a day longer than those that it is made with.
  static func authority(
    key: borrowing CertificateKey, from start: Date, to end: Date = .distantPast
  ) throws(TLSError) -> Certificate {
    let start = start.addingTimeInterval(-86_400)
    return try Certificate.issue(
      commonName: "copur development CA", alternativeNames: nil, purpose: .authority,
      validity: start..<max(start.addingTimeInterval(3652 * 86_400), end.addingTimeInterval(86_400)), key: key,
      issuer: nil, issuerKey: key)
  }

  func pair(_ name: String) -> Pair {
    Pair(chain: "\(directory)/\(name).pem", key: "\(directory)/\(name).key")
  }
}

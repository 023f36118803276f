import CopurCore
import CopurTLS
import Foundation

/// Certificates, keys and lists of revoked certificates: times, chain, names, and what belongs to what.
struct CertificateCheck {
  /// A certificate to be looked at.
  struct Identity {
    var chain: String
    var key: String
    /// The role and name that it should have; nil for whichever it has.
    var principal: String?
  }

  var identities: [Identity]
  var authority: String
  /// The list of revoked certificates; nil for none.
  var revocations: String?
  /// The names by which clients call the server.
  var hosts: [String]
  var now = Date()
  private static let subject = "certificates"
  private static let (week, fortnight) = (7 * 86_400.0, 14 * 86_400.0)

  /// All of a folder of `copur certs`.
  ///
  /// - Parameter agents: Agents that have to be among them.
  init(folder: String, agents: [AgentID], hosts: [String]) throws {
    let files = DevelopmentCertificates(directory: folder)
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw CopurError(.missingInput, "\(folder): the folder of certificates cannot be read")
    }
    authority = files.ca
    revocations = names.contains("crl.pem") ? files.revocations : nil
    self.hosts = hosts
    var principals = names.filter { $0.hasSuffix(".pem") && $0 != "ca.pem" && $0 != "crl.pem" }
      .map { String($0.dropLast(".pem".count)) }
    for needed in ["server"] + agents.map({ "agent-\($0)" }) where !principals.contains(needed) {
      principals.append(needed)
    }
    identities = principals.map { name in
      // ROLE-NAME; a simulation's process has a host's name in place of one.
      let words = name.split(separator: "-", maxSplits: 1)
      let principal = name == "server" ? name : words.count == 2 ? "\(words[0])/\(words[1])" : nil
      return Identity(
        chain: "\(folder)/\(name).pem", key: "\(folder)/\(name).key",
        principal: words.first == "simulation" ? nil : principal)
    }
  }

  /// The files of a process's options.
  init(chain: String, key: String, authority: String, revocations: String?, hosts: [String]) {
    identities = [Identity(chain: chain, key: key)]
    self.authority = authority
    self.revocations = revocations
    self.hosts = hosts
  }

  func findings() -> [Finding] {
    var findings = guarded(authority) {
      let validity = try CertificateExamination(reading: authority).validity()
      return [times(of: authority, from: validity.from, to: validity.to, isAuthority: true)]
    }
    for identity in identities { findings += guarded(identity.chain) { try self.findings(of: identity) } }
    return findings
  }

  private func findings(of identity: Identity) throws -> [Finding] {
    let path = identity.chain
    let certificate = try CertificateExamination(reading: path)
    let (from, to) = try certificate.validity()
    var findings: [Finding] = []
    func fault(_ message: String, do remedy: String) {
      findings.append(.fault(Self.subject, .configuration, "\(path): \(message)", do: remedy))
    }
    let names = try certificate.names()
    let principals = names.uris.filter { $0.hasPrefix("spiffe://") }
    let isServer = principals.contains { $0.hasSuffix("/server") } || (principals.isEmpty && !names.dnsNames.isEmpty)
    if let principal = identity.principal, !principals.contains(where: { $0.hasSuffix("/\(principal)") }) {
      fault(
        "names \(principals.isEmpty ? "nobody" : principals.joined(separator: ", ")), not \(principal)",
        do: "copur certs DIR --renew makes one for that name")
    }
    if principals.count > 1 {
      fault("names \(principals.count) principals, and who is two is nobody", do: "one URI spiffe://DOMAIN/ROLE/NAME")
    }
    if isServer {
      for host in hosts where !certificate.isFor(host: host) {
        fault(
          "does not name the host \(host) (it names \(names.dnsNames.joined(separator: ", ")))",
          do: "copur certs DIR --hosts \(host) … --renew, or agents with --server-name")
      }
    }
    // The chain is looked at for a moment at which the certificate is valid, so that each fault is said by itself.
    if let reason = try certificate.distrust(
      by: authority, isServer: isServer, at: min(max(now, from.addingTimeInterval(1)), to.addingTimeInterval(-1)))
    {
      fault("is not believed by who trusts \(authority): \(reason)", do: "take the authority that signed it")
    }
    findings += guarded(identity.key) { try keyFindings(certificate, identity.key) }
    if let revocations {
      findings += guarded(revocations) {
        revocationFindings(try certificate.revocation(by: revocations, of: authority), of: path)
      }
    }
    let time = times(of: path, from: from, to: to, isAuthority: false)
    return findings.isEmpty || time.state != .ok ? [time] + findings : findings
  }

  private func keyFindings(_ certificate: borrowing CertificateExamination, _ key: String) throws -> [Finding] {
    guard try certificate.belongs(toKey: key) else {
      return [
        .fault(
          Self.subject, .configuration, "\(key): the key does not belong to \(certificate.path)",
          do: "take the key that was made with it, or copur certs DIR --renew")
      ]
    }
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int ?? 0
    guard mode & 0o007 == 0 else {
      return [
        .warning(
          Self.subject, "\(key): everybody on this machine may read it (mode 0\(String(mode, radix: 8)))",
          do: "chmod 600 \(key)")
      ]
    }
    return []
  }

  private func revocationFindings(_ list: CertificateExamination.Revocation?, of path: String) -> [Finding] {
    let remedy = "copur certs revoke DIR CERTIFICATE makes the list anew; then send SIGHUP"
    guard let list else {
      return [
        .fault(
          Self.subject, .configuration,
          "\(path): \(revocations ?? "") has no list of the authority that signed it, so that it is refused", do: remedy
        )
      ]
    }
    var findings: [Finding] = []
    if list.isRevoked {
      findings.append(.fault(Self.subject, .configuration, "\(path): is revoked", do: "copur certs DIR --renew"))
    }
    if let to = list.to, to <= now {
      findings.append(
        .fault(
          Self.subject, .configuration,
          "\(path): the list of revoked certificates ended \(to.formatted(.iso8601)), so that everybody is refused",
          do: remedy))
    } else if let to = list.to, to < now.addingTimeInterval(Self.fortnight) {
      findings.append(
        .warning(
          Self.subject,
          "\(path): the list of revoked certificates is \(days(from: list.from, to: now)) days old and ends in "
            + "\(days(from: now, to: to))", do: remedy))
    }
    return findings
  }

  private func times(of path: String, from: Date, to: Date, isAuthority: Bool) -> Finding {
    let remedy =
      isAuthority ? "make a new authority in another folder: copur certs" : "copur certs DIR --renew, then send SIGHUP"
    if now < from {
      return .fault(
        Self.subject, .configuration, "\(path): is valid from \(from.formatted(.iso8601)) on",
        do: "look at the clock, or wait")
    }
    if now >= to {
      return .fault(Self.subject, .configuration, "\(path): ended \(to.formatted(.iso8601))", do: remedy)
    }
    let left = "\(path): \(days(from: now, to: to)) days left"
    return to.timeIntervalSince(now) < Self.week
      ? .warning(Self.subject, left, do: remedy) : .ok(Self.subject, left)
  }

  private func days(from: Date, to: Date) -> Int { Int(to.timeIntervalSince(from) / 86_400) }

  /// A file that cannot be read is a finding, and the others are looked at.
  private func guarded(_ path: String, _ work: () throws -> [Finding]) -> [Finding] {
    do { return try work() } catch {
      let isMissing = (error as? TLSError)?.code == .fileUnreadable
      return [
        .fault(
          Self.subject, isMissing ? .missingInput : .invalidData,
          (error as? TLSError)?.message ?? DataCheck.words(error),
          do: isMissing ? "copur certs DIR --agents NAMES makes what is missing" : "take the file that was made, whole")
      ]
    }
  }
}

internal import Glibc

extension DevelopmentCertificates {
  /// Checks names before anything is made of them.
  ///
  /// - Parameters:
  ///   - principals: Roles (`agent`, `client`, `driver`, `viewer` or `admin`) and names.
  ///   - hosts: The server's host names and addresses.
  /// - Throws: A ``TLSError`` of code `.invalidName` that says the rule and the value.
  public static func check(_ principals: [(role: String, name: String)], hosts: [String]) throws(TLSError) {
    for (role, name) in principals {
      try checkName(name, of: role == "agent" || role == "admin" ? "an \(role)" : "a \(role)")
    }
    _ = try alternativeNames(hosts: hosts)
  }

  /// A name becomes part of a file name, of a URI and of OpenSSL's notation for alternative names.
  static func checkName(_ name: String, of whom: String) throws(TLSError) {
    let isValid =
      (1...48).contains(name.utf8.count) && name.utf8.first.map(isAlphanumeric) == true
      && name.utf8.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
    guard isValid else {
      throw TLSError(
        code: .invalidName,
        message: "the name of \(whom) has to be 1 to 48 of A-Z a-z 0-9 . _ - and begin with a letter or digit"
          + " (actual: \"\(name)\")")
    }
  }

  /// The server's host names and addresses, in OpenSSL's notation.
  static func alternativeNames(hosts: [String]) throws(TLSError) -> String {
    guard !hosts.isEmpty else {
      throw TLSError(code: .invalidName, message: "the server's certificate has to name a host (actual: none)")
    }
    var names: [String] = []
    for host in hosts {
      if isAddress(host) {
        names.append("IP:\(host)")
      } else {
        let isName =
          (1...253).contains(host.utf8.count)
          && host.utf8.allSatisfy { isAlphanumeric($0) || ".-".utf8.contains($0) }
        guard isName else {
          throw TLSError(
            code: .invalidName,
            message: "a host has to be an IP address or a name of A-Z a-z 0-9 . - (actual: \"\(host)\")")
        }
        names.append("DNS:\(host)")
      }
    }
    return names.joined(separator: ",")
  }

  private static func isAddress(_ host: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      false
    }
  }
}

internal import CopurCore
internal import Foundation

/// The certificates that may name each principal, where parties do not trust each other's authorities.
///
/// Without it every authority that the service trusts may name everybody, so that one party's could name another's agent.
public struct Registrations: Sendable {
  private var fingerprints: [String: Set<String>] = [:]

  /// Reads a file with a registration a line: a role, a name (or `*` for every name of the role), and the SHA-256
  /// fingerprint of the certificate or of an authority that it comes from, as `openssl x509 -fingerprint -sha256` prints it
  /// or without its colons. A name may have several lines. Empty lines and such that begin with `#` are left out.
  ///
  /// - Throws: ``CopurError``: `.missingInput`, or `.configuration` with the line's number.
  public init(reading path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CopurError(.missingInput, "the registrations' file cannot be read (actual: \(path))")
    }
    try self.init(String(decoding: data, as: UTF8.self), path: path)
  }

  /// - Parameter path: Named in errors.
  package init(_ text: String, path: String) throws {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.isEmpty || words[0].hasPrefix("#") { continue }
      let digits = words.last.map { $0.lowercased().filter { $0 != ":" } } ?? ""
      guard words.count == 3, let role = Role(rawValue: String(words[0])),
        words[1] == "*" || Principal.isName(words[1].utf8), digits.utf8.count == 64,
        digits.allSatisfy(\.isHexDigit)
      else {
        throw CopurError(
          .configuration,
          "\(path):\(index + 1): a line is a role (\(Role.allCases.map(\.rawValue).joined(separator: ", "))), a name or *, "
            + "and a SHA-256 fingerprint of 64 hexadecimal digits (actual: \"\(line.prefix(100))\")")
      }
      fingerprints["\(role.rawValue)/\(words[1])", default: []].insert(digits)
    }
    guard !fingerprints.isEmpty else {
      throw CopurError(.configuration, "\(path): without a registration nobody could call (actual: none)")
    }
  }

  /// Whether a certificate may name a principal. A principal with lines of its own needs one of these, whatever its role has.
  func admit(_ principal: Principal, fingerprints shown: [String]) -> Bool {
    let role = principal.role.rawValue
    guard let known = fingerprints["\(role)/\(principal.name)"] ?? fingerprints["\(role)/*"] else { return false }
    return !known.isDisjoint(with: shown)
  }
}

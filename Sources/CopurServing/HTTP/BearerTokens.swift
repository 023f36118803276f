internal import CopurCore
package import CopurFusionCenter
internal import Foundation

/// Tokens that stand for a certificate where a client can have none, such as a browser or a monitoring system.
public struct BearerTokens: Sendable {
  private let principals: [(token: [UInt8], principal: Principal)]

  /// Reads a file with a token a line, behind whose it is: `viewer prometheus 0f3a…`. Empty lines and such that begin
  /// with `#` are left out.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` or `.configuration`, with the line's number but not its token.
  public init(reading path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CopurError(.missingInput, "the tokens' file cannot be read (actual: \(path))")
    }
    try self.init(String(decoding: data, as: UTF8.self), path: path)
  }

  /// - Parameter path: Named in errors.
  package init(_ text: String, path: String) throws {
    var principals: [(token: [UInt8], principal: Principal)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.isEmpty || words[0].hasPrefix("#") { continue }
      guard words.count == 3, let principal = Principal(uri: "spiffe://copur/\(words[0])/\(words[1])"),
        principal.role != .agent, words[2].utf8.count >= 16
      else {
        throw CopurError(
          .configuration,
          "\(path):\(index + 1): a line is a role (client, viewer or admin), a name, and a token of 16 characters or "
            + "more")
      }
      principals.append((Array(words[2].utf8), principal))
    }
    self.principals = principals
  }

  /// The principal of the token in an `Authorization` header: a bearer's (RFC 6750 section 2.1), or the password of a
  /// user whose name has no meaning (RFC 7617).
  package func principal(authorization: String) -> Principal? {
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    switch parts[0].lowercased() {
    case "bearer": return principal(token: Array(parts[1].utf8))
    case "basic":
      guard let pair = Data(base64Encoded: String(parts[1])), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else {
        return nil
      }
      return principal(token: Array(pair[pair.index(after: colon)...]))
    default: return nil
    }
  }

  private func principal(token: [UInt8]) -> Principal? {
    var found: Principal?
    for (known, principal) in principals where Self.areEqual(known, token) { found = principal }
    return found
  }

  /// Takes as long wherever the first difference is.
  private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

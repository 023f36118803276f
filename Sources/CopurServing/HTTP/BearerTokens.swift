internal import CopurCore
package import CopurFusionCenter
internal import Foundation
internal import Synchronization

/// Tokens that stand for a certificate where a client can have none, such as a browser or a monitoring system.
public final class BearerTokens: Sendable {
  private typealias Known = [(token: [UInt8], principal: Principal)]

  private let path: String
  private let known: Mutex<Known>

  /// Reads a file with a token a line, behind whose it is: `viewer prometheus 0f3a…`. Empty lines and such that begin
  /// with `#` are left out.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` or `.configuration`, with the line's number but not its token.
  public convenience init(reading path: String) throws { try self.init(Self.text(of: path), path: path) }

  /// Reads the file again, for requests from now on: a token that is not there any more opens nothing.
  ///
  /// - Throws: As ``init(reading:)``; the old tokens stay then.
  public func readAgain() throws {
    let new = try Self.principals(in: Self.text(of: path), path: path)
    known.withLock { $0 = new }
  }

  private static func text(of path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CopurError(.missingInput, "the tokens' file cannot be read (actual: \(path))")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// - Parameter path: Named in errors.
  package init(_ text: String, path: String) throws {
    self.path = path
    known = Mutex(try Self.principals(in: text, path: path))
  }

  private static func principals(in text: String, path: String) throws -> Known {
    var principals: Known = []
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
    return principals
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
    for (known, principal) in known.withLock({ $0 }) where Self.areEqual(known, token) { found = principal }
    return found
  }

  /// Takes as long wherever the first difference is.
  private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// Who a peer is: a role and a name, by the URI among its certificate's alternative names.
///
/// ```swift
/// Principal(uri: "spiffe://copur/agent/time")  // the agent "time"
/// ```
public struct Principal: Hashable, Sendable, CustomStringConvertible {
  /// The role that its certificate names.
  public let role: Role
  /// Who it is among those of its role; an agent's is the name in the model's roster.
  public let name: String

  /// - Parameter name: Who it is among those of its role.
  public init(role: Role, name: String) {
    self.role = role
    self.name = name
  }

  /// The principal that a URI names: `spiffe://copur/ROLE/NAME`, where NAME is 1 to 64 of `A-Z a-z 0-9 . _ -` (the
  /// characters of a path segment, SPIFFE-ID section 2.2) and begins with a letter or digit; nil if it is none.
  ///
  /// - Parameter trustDomain: What stands in the place of `copur`.
  public init?(uri: String, trustDomain: String = defaultTrustDomain) {
    let start = "spiffe://\(trustDomain)/"
    guard uri.hasPrefix(start) else { return nil }
    let path = uri.dropFirst(start.count).split(separator: "/", omittingEmptySubsequences: false)
    guard path.count == 2, let role = Role(rawValue: String(path[0])), Self.isName(path[1].utf8) else { return nil }
    self.init(role: role, name: String(path[1]))
  }

  /// The URI in a certificate of this principal, in the default trust domain.
  public var uri: String { "spiffe://\(Self.defaultTrustDomain)/\(role.rawValue)/\(name)" }

  public var description: String { "\(role.rawValue) \(name)" }

  /// The trust domain (SPIFFE-ID section 2.1) of certificates that `copur certs` makes.
  public static let defaultTrustDomain = "copur"

  /// Whether it is a trust domain: 1 to 255 of `a-z 0-9 . _ -`.
  public static func isTrustDomain(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || ".-_".utf8.contains(byte)
      }
  }

  static func isName(_ bytes: Substring.UTF8View) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    return (1...64).contains(bytes.count) && bytes.first.map(isAlphanumeric) == true
      && bytes.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
  }
}

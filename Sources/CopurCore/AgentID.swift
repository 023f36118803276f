/// The name of an agent: 1 to 64 of a–z, A–Z, 0–9, `-`, `_` and `.`, the first a letter or digit.
///
/// Names appear in file names, certificates (`spiffe://copur/agent/NAME`) and tables, hence the narrow alphabet.
public struct AgentID: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
  /// The name as given.
  public let name: String

  /// - Throws: ``CopurError`` of code `.invalidArgument` if the name breaks the rule above.
  public init(_ name: String) throws {
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    let startsWell = name.first.map { $0.isLetter || $0.isNumber } ?? false
    guard allowed, startsWell, name.utf8.count <= 64 else {
      throw CopurError(
        .invalidArgument,
        "an agent's name is 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit (actual: \"\(name)\")"
      )
    }
    self.name = name
  }

  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    try self.init(name)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  public var description: String { name }

  public static func < (left: AgentID, right: AgentID) -> Bool { left.name < right.name }
}

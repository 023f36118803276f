internal import CopurCore

/// The line by which a process says that it is ready and where it listens: `copur: listening on 127.0.0.1:8001`.
public struct ReadyLine: Hashable, Sendable, CustomStringConvertible {
  private static let prefix = "copur: listening on "

  private static let pagePrefix = "copur: serving "

  /// The address of the HTTP plane in the line by which a process says where that is; nil if it says something else.
  package static func page(in line: String) -> String? {
    line.hasPrefix(pagePrefix) ? String(line.dropFirst(pagePrefix.count)) : nil
  }

  /// A name or an IP address, an IPv6 address without its brackets.
  public let host: String
  /// From 1 to 65535.
  public let port: Int

  /// - Parameter host: Without brackets.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// - Throws: ``CopurError`` of code `.protocolViolation` if the line is something else.
  public init(parsing line: String) throws {
    // An IPv6 address stands in brackets, and nothing else has a colon.
    guard line.hasPrefix(Self.prefix),
      let parts = line.dropFirst(Self.prefix.count).wholeMatch(of: /(?:\[([^\[\]]+)\]|([^:\[\]]+)):([0-9]+)/),
      let host = parts.1 ?? parts.2, let port = Int(parts.3), (1...65535).contains(port)
    else {
      throw CopurError(.protocolViolation, "a process says \"\(Self.prefix)HOST:PORT\" first (actual: \"\(line)\")")
    }
    self.init(host: String(host), port: port)
  }

  public var description: String { "\(Self.prefix)\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

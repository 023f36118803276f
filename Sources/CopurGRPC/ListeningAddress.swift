/// The address on which a server listens.
public struct ListeningAddress: Sendable, Hashable, CustomStringConvertible {
  /// The IP address.
  public var host: String

  /// The port, never 0.
  public var port: Int

  /// Creates an address.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

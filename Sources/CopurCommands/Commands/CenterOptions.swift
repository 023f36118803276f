import ArgumentParser
import CopurGRPC
import CopurTLS
import GRPCCore

/// The fusion center that a command talks to.
struct CenterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The fusion center, https://HOST:PORT, or http:// with --insecure.", valueName: "url"))
  var connect: String

  @Option(
    help: ArgumentHelp(
      "The name that the fusion center's certificate has; the URL's host if left out.", valueName: "name"))
  var serverName: String?

  @OptionGroup var tls: TLSOptions

  func validate() throws { _ = try address() }

  /// Host and port of the URL.
  func address() throws -> SocketAddress {
    let scheme = tls.insecure ? "http://" : "https://"
    guard connect.hasPrefix(scheme), let address = SocketAddress(argument: String(connect.dropFirst(scheme.count))),
      address.port > 0
    else { throw ValidationError("--connect is \(scheme)HOST:PORT (actual: \(connect))") }
    return address
  }

  /// Makes a transport to another fusion center of the same journal, which has the session.
  ///
  /// - Parameter address: HOST:PORT, as the first one told; the certificate has that host's name, or `--server-name`.
  /// - Throws: `RPCError` if it is none, so that the first is asked again.
  static func transport(
    to address: String, tls: TLSContext?, serverName: String?
  ) throws -> HTTP2ClientTransport {
    guard let other = SocketAddress(argument: address), other.port > 0 else {
      throw RPCError(
        code: .unavailable,
        message: "a fusion center's address is HOST:PORT (--advertise, actual: \(address.prefix(128).debugDescription))"
      )
    }
    // A fusion center that was stopped a moment ago takes connections and no handshake; the session may be had elsewhere.
    var configuration = HTTP2TransportConfiguration()
    (configuration.connectTimeout, configuration.handshakeTimeout) = (.seconds(2), .seconds(2))
    return HTTP2ClientTransport(
      host: other.host, port: other.port, tls: tls, serverName: serverName ?? other.host, configuration: configuration)
  }

  /// Calls the fusion center.
  func withClient<Result: Sendable>(
    _ body: @escaping @Sendable (GRPCClient<HTTP2ClientTransport>) async throws -> Result
  ) async throws -> Result {
    let address = try address()
    let context = try tls.client()
    try context?.checkValidity()
    let transport = HTTP2ClientTransport(
      host: address.host, port: address.port, tls: context, serverName: serverName ?? address.host)
    return try await withGRPCClient(transport: transport) { try await body($0) }
  }
}

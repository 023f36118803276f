import ArgumentParser
import CopurCore
import CopurFusionCenter
import CopurScenarios
import CopurServing
import CopurTLS
import Logging

/// The HTTP plane of `copur serve` and `copur train`.
struct HTTPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where browsers, monitoring and inference clients connect over HTTP, such as 127.0.0.1:8000; port 0 takes one that \
      is free. It has the TLS of the other port; a client certificate is asked for, or else a token. Without this option \
      there is no HTTP.
      """, valueName: "host:port"))
  var http: SocketAddress?

  @Option(
    help: ArgumentHelp(
      """
      Tokens for HTTP clients without a certificate: on each line a role (client, viewer or admin), a name and a token \
      of 16 characters or more. Shown as "Authorization: Bearer TOKEN", or in a browser as the password.
      """, valueName: "file"))
  var httpTokenFile: String?

  @Option(
    help: ArgumentHelp(
      """
      How many connections the HTTP port has at once. Beyond that, the one that has waited longest without a request gives \
      way to a new one.
      """, valueName: "n"))
  var httpMaxConnections = 1024

  @Option(
    help: ArgumentHelp(
      "How many of them come from one address; a proxy's may need more.", valueName: "n"))
  var httpMaxConnectionsPerPeer = 256

  @Option(help: ArgumentHelp("How long the first request's head may take.", valueName: "time", visibility: .hidden))
  var httpHeadTimeout = DurationOption(.seconds(10))

  @Option(help: ArgumentHelp("How long an answer may wait for its client.", valueName: "time", visibility: .hidden))
  var httpWriteTimeout = DurationOption(.seconds(30))

  @Flag(help: "No TLS for HTTP: for a proxy on this machine that has it. The address must be a loopback one.")
  var httpPlaintext = false

  func validate() throws {
    for (name, value) in [
      ("http-max-connections", httpMaxConnections), ("http-max-connections-per-peer", httpMaxConnectionsPerPeer),
    ] where value < 1 {
      throw ValidationError("--\(name) is at least 1 (actual: \(value))")
    }
    if http == nil, httpTokenFile != nil || httpPlaintext {
      throw ValidationError("--http-token-file and --http-plaintext are about --http, which is not given.")
    }
    if httpPlaintext, let http, !http.isLoopback {
      throw ValidationError("With --http-plaintext the address of --http is a loopback one (actual: \(http)).")
    }
  }

  /// Whether a service with TLS is asked for.
  private var hasTLS: Bool { http != nil && !httpPlaintext }

  /// The service's certificates; nil without TLS.
  func context(_ tls: TLSOptions) throws -> TLSContext? {
    hasTLS ? try tls.server(applicationProtocol: .http1, clientCertificate: .optional) : nil
  }

  /// The tokens of clients without a certificate; nil if there are none.
  func tokens() throws -> BearerTokens? { try httpTokenFile.map { try BearerTokens(reading: $0) } }

  /// Reads the tokens again; bad ones leave the old ones in use.
  static func reload(_ tokens: BearerTokens?, logger: Logger) {
    guard let tokens else { return }
    do {
      try tokens.readAgain()
      logger.notice("HTTP clients are known by the tokens that were read again")
    } catch {
      logger.error("the tokens cannot be used and the old ones stay", metadata: ["error": "\(error)"])
    }
  }

  /// A fusion center's plane; nil if it is not asked for.
  ///
  /// - Parameter listening: Told once it listens.
  func plane(
    clients: ClientServices, access: AccessControl, context: TLSContext?, tokens: BearerTokens?,
    routes: [HTTPPlane.Routes], listening: @escaping @Sendable () -> Void, logger: Logger
  ) -> HTTPPlane? {
    plane(context: context, tokens: tokens, listening: listening, logger: logger) { configuration, listening in
      HTTPPlane(
        configuration, clients: clients, access: access, routes: routes, listening: listening, logger: logger)
    }
  }

  /// A training's plane; nil if it is not asked for.
  ///
  /// - Parameter listening: Told once it listens.
  func plane(
    training: TrainingServices, access: AccessControl, context: TLSContext?, tokens: BearerTokens?,
    routes: [HTTPPlane.Routes], listening: @escaping @Sendable () -> Void, logger: Logger
  ) -> HTTPPlane? {
    plane(context: context, tokens: tokens, listening: listening, logger: logger) { configuration, listening in
      HTTPPlane(
        configuration, training: training, access: access, routes: routes, listening: listening, logger: logger)
    }
  }

  private func plane(
    context: TLSContext?, tokens: BearerTokens?, listening: @escaping @Sendable () -> Void, logger: Logger,
    make: (HTTPPlaneConfiguration, @escaping @Sendable (_ host: String, _ port: Int) -> Void) -> HTTPPlane
  ) -> HTTPPlane? {
    guard let http else { return nil }
    if context == nil, tokens == nil {
      logger.warning("HTTP without TLS or tokens: whoever reaches the port is let in")
    }
    let scheme = context == nil ? "http" : "https"
    var configuration = HTTPPlaneConfiguration(
      host: http.host, port: http.port, tls: context, tokens: tokens, isOpen: context == nil && tokens == nil,
      maximumConnections: httpMaxConnections)
    configuration.maximumConnectionsPerPeer = httpMaxConnectionsPerPeer
    configuration.headTimeout = httpHeadTimeout.duration
    configuration.writeTimeout = httpWriteTimeout.duration
    return make(configuration) { host, port in
      try? Terminal.print("copur: serving \(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)/")
      listening()
    }
  }
}

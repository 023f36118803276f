import ArgumentParser
import CopurFusionCenter
import CopurScenarios
import CopurServing
import CopurTLS
import Logging

/// The HTTP plane of `copur serve`.
struct HTTPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where browsers, monitoring and inference clients connect over HTTP, such as 127.0.0.1:8000; port 0 takes one that \
      is free. Without it there is no HTTP.
      """, valueName: "host:port"))
  var http: SocketAddress?

  /// The service; nil if it is not asked for.
  func plane(
    of center: FusionCenter, tls: TLSOptions, routes: [HTTPPlane.Routes], logger: Logger
  ) throws -> HTTPPlane? {
    guard let http else { return nil }
    let context = try tls.server(applicationProtocol: .http1, clientCertificate: .optional)
    let scheme = context == nil ? "http" : "https"
    return HTTPPlane(
      HTTPPlaneConfiguration(host: http.host, port: http.port, tls: context), center: center, routes: routes,
      listening: { host, port in
        try? Terminal.print("copur: serving \(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)/")
      }, logger: logger)
  }
}

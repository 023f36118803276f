import ArgumentParser
import CopurCore
import CopurFusionCenter
import CopurGRPC
import CopurScenarios
import CopurTLS
import CopurTelemetry
import Foundation
import Logging
import ServiceLifecycle
import Tracing

/// The options that name a collector for a service's traces.
struct TraceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A collector that gets spans of calls and rounds, by OTLP over gRPC: http://HOST:PORT or https://HOST:PORT, mostly port \
      4317. Without it nothing is traced.
      """, valueName: "url"))
  var otlp: String?

  @Option(
    help: ArgumentHelp(
      "The certificates that the collector's must come from, PEM; given exactly with https://.", valueName: "file"))
  var otlpCa: String?

  @Option(
    help: ArgumentHelp(
      "How many rounds a second begin a trace where neither client nor agent named one, 0 to 1000. (default: 10)",
      valueName: "n"))
  var tracedRounds: Int?

  func validate() throws {
    guard let otlp else {
      guard otlpCa == nil, tracedRounds == nil else {
        throw ValidationError("--otlp-ca and --traced-rounds are about --otlp, which is not given.")
      }
      return
    }
    guard let (isEncrypted, _) = Self.collector(otlp) else {
      throw ValidationError("--otlp is http://HOST:PORT or https://HOST:PORT (actual: \(otlp))")
    }
    guard isEncrypted == (otlpCa != nil) else {
      throw ValidationError(
        isEncrypted
          ? "--otlp https:// needs --otlp-ca, the authority of the collector's certificate."
          : "--otlp-ca is about https:// (actual: \(otlp))")
    }
    if let tracedRounds, !(0...1000).contains(tracedRounds) {
      throw ValidationError("--traced-rounds is 0 to 1000 (actual: \(tracedRounds))")
    }
  }

  /// The words of a command line that give these options to another process.
  var arguments: [String] {
    [("--otlp", otlp), ("--otlp-ca", otlpCa), ("--traced-rounds", tracedRounds.map { "\($0)" })]
      .flatMap { name, value in value.map { [name, $0] } ?? [] }
  }

  /// The parts of a collector's URL; nil if it is none.
  private static func collector(_ url: String) -> (isEncrypted: Bool, address: SocketAddress)? {
    for (scheme, isEncrypted) in [("http://", false), ("https://", true)] where url.hasPrefix(scheme) {
      guard let address = SocketAddress(argument: String(url.dropFirst(scheme.count))), address.port > 0,
        !address.host.contains(where: { "/?#@".contains($0) })
      else { return nil }
      return (isEncrypted, address)
    }
    return nil
  }

  /// Has this process's spans go to the collector; nil if none is named.
  ///
  /// - Parameter address: The service's own, by which people tell its spans from another's.
  func tracing(of center: FusionCenter, at address: SocketAddress, logger: Logger) throws -> ServiceTracing? {
    guard let otlp, let (_, collector) = Self.collector(otlp) else { return nil }
    let context = try otlpCa.map { try TLSContext.client(trustRoots: $0) }
    for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
    let exporter = OTLPExporter(
      to: HTTP2ClientTransport(host: collector.host, port: collector.port, tls: context),
      resource: [
        "service.name": "copur", "service.version": copurVersionString,
        "service.instance.id": UUID().uuidString.lowercased(), "server.address": "\(address)",
        "host.name": ProcessInfo.processInfo.hostName,
      ], version: copurVersionString, logger: logger)
    InstrumentationSystem.bootstrap(exporter.tracer)
    return ServiceTracing(
      exporter: exporter, rounds: RoundSpans(of: center, tracer: exporter.tracer, ownTraces: tracedRounds ?? 10),
      rotation: otlpCa.flatMap { file in
        context.map { context in
          CertificateRotation(context: context, load: { try TLSContext.client(trustRoots: file) }, logger: logger)
        }
      })
  }
}

/// The services by which a fusion center is traced.
struct ServiceTracing: Sendable {
  let exporter: OTLPExporter<HTTP2ClientTransport>
  let rounds: RoundSpans
  /// Reads the collector's authorities again; nil without TLS.
  let rotation: CertificateRotation?

  /// The numbers of spans, by outcome.
  var counts: [(outcome: String, count: Int)] { exporter.counts + [("unrecorded", rounds.unrecordedCount)] }
}

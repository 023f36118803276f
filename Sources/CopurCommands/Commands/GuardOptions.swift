import ArgumentParser
import CopurGRPC
import CopurHTTP2
import Logging

/// Limits of what clients of the gRPC port may do.
struct GuardOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many connections the gRPC port has at once.", valueName: "n"))
  var maxConnections = HTTP2Configuration().maximumConnections

  @Option(help: ArgumentHelp("How many of them come from one address.", valueName: "n"))
  var maxConnectionsPerPeer = HTTP2Configuration().maximumConnectionsPerPeer

  @Option(
    help: ArgumentHelp(
      "How many of those may be in their TLS handshake; above that the oldest gives way to a new one.", valueName: "n"))
  var maxHandshakesPerPeer = HTTP2Configuration().maximumHandshakesPerPeer

  @Option(
    help: ArgumentHelp(
      "How many bytes of messages that have begun and not ended are kept of a client, in MiB.", valueName: "n"))
  var maxIncompleteMib = HTTP2TransportConfiguration().maximumIncompleteBytes >> 20

  @Option(help: ArgumentHelp("How long a silent connection without calls is kept.", valueName: "time"))
  var idleTimeout = DurationOption(HTTP2Configuration().idleTimeout)

  @Option(help: ArgumentHelp("How long a TLS handshake may take.", valueName: "time", visibility: .hidden))
  var handshakeTimeout = DurationOption(HTTP2TransportConfiguration().handshakeTimeout)

  @Option(help: ArgumentHelp("How long the HTTP/2 preface may take.", valueName: "time", visibility: .hidden))
  var prefaceTimeout = DurationOption(HTTP2Configuration().prefaceTimeout)

  @Option(help: ArgumentHelp("How long SETTINGS may wait for their ACK.", valueName: "time", visibility: .hidden))
  var settingsTimeout = DurationOption(HTTP2Configuration().settingsTimeout)

  @Option(help: ArgumentHelp("How long a list of headers may take.", valueName: "time", visibility: .hidden))
  var headerTimeout = DurationOption(HTTP2Configuration().headerTimeout)

  @Option(help: ArgumentHelp("How long output may wait for a client.", valueName: "time", visibility: .hidden))
  var writeStallTimeout = DurationOption(HTTP2Configuration().writeStallTimeout)

  @Option(help: ArgumentHelp("How long a PING may wait for its answer.", valueName: "time", visibility: .hidden))
  var pingTimeout = DurationOption(HTTP2Configuration().pingTimeout)

  func validate() throws {
    for (name, value) in [
      ("max-connections", maxConnections), ("max-connections-per-peer", maxConnectionsPerPeer),
      ("max-handshakes-per-peer", maxHandshakesPerPeer), ("max-incomplete-mib", maxIncompleteMib),
    ]
    where value < 1 {
      throw ValidationError("--\(name) is at least 1 (actual: \(value))")
    }
  }

  /// Sets what the options say.
  func apply(to configuration: inout HTTP2TransportConfiguration) {
    configuration.handshakeTimeout = handshakeTimeout.duration
    configuration.http2.maximumConnections = maxConnections
    configuration.http2.maximumConnectionsPerPeer = maxConnectionsPerPeer
    configuration.http2.maximumHandshakesPerPeer = maxHandshakesPerPeer
    configuration.maximumIncompleteBytes = min(maxIncompleteMib, 1 << 20) << 20
    configuration.http2.idleTimeout = idleTimeout.duration
    configuration.http2.prefaceTimeout = prefaceTimeout.duration
    configuration.http2.settingsTimeout = settingsTimeout.duration
    configuration.http2.headerTimeout = headerTimeout.duration
    configuration.http2.writeStallTimeout = writeStallTimeout.duration
    configuration.http2.pingTimeout = pingTimeout.duration
  }

  /// Counters that log each connection which the guard ends, and leave refused streams to the counters.
  static func refusals(_ logger: Logger) -> HTTP2Refusals {
    HTTP2Refusals { refusal in
      guard refusal.endsConnection else { return }
      logger.warning(
        "http2 guard: closed",
        metadata: ["rule": "\(refusal.rule.rawValue)", "peer": "\(refusal.peer)", "why": "\(refusal.message)"])
    }
  }
}

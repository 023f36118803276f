import CopurGRPC
import CopurTLS
import GRPCCore
import Testing

/// The ways in which a client and a server are connected.
enum Security: CaseIterable, CustomTestStringConvertible {
  case plaintext
  case mutualTLS

  var testDescription: String { "\(self)" }
}

typealias EchoClient = GRPCClient<HTTP2ClientTransport>
typealias EchoServer = GRPCServer<HTTP2ServerTransport>

/// Runs a server and a client of it.
func withEcho<Result: Sendable>(
  _ security: Security,
  service: EchoService = EchoService(),
  configuration: HTTP2TransportConfiguration = HTTP2TransportConfiguration(),
  clientConfiguration: HTTP2TransportConfiguration = HTTP2TransportConfiguration(),
  body: (EchoClient, EchoServer) async throws -> Result
) async throws -> Result {
  let certificates = security == .mutualTLS ? try TestCertificates.shared.get() : nil
  return try await withServer(certificates, service: service, configuration: configuration) { server, address in
    let tls = try certificates.map { try TLSContext.client($0.agent("time"), trusting: $0) }
    let transport = HTTP2ClientTransport(
      host: address.host, port: address.port, tls: tls, serverName: "localhost",
      configuration: clientConfiguration)
    return try await withGRPCClient(transport: transport) { client in try await body(client, server) }
  }
}

/// Runs a server.
func withServer<Result: Sendable>(
  _ certificates: DevelopmentCertificates?,
  clientCertificate: TLSContext.ClientCertificate = .required,
  port: Int = 0,
  service: EchoService = EchoService(),
  configuration: HTTP2TransportConfiguration = HTTP2TransportConfiguration(),
  body: (EchoServer, ListeningAddress) async throws -> Result
) async throws -> Result {
  let tls = try certificates.map {
    try TLSContext.server(
      certificateChain: $0.server.chain, privateKey: $0.server.key, trustRoots: $0.ca,
      clientCertificate: clientCertificate)
  }
  let transport = try HTTP2ServerTransport(host: "127.0.0.1", port: port, tls: tls, configuration: configuration)
  return try await withGRPCServer(transport: transport, services: [service]) { server in
    try await body(server, try await server.transport.listeningAddress)
  }
}

extension TLSContext {
  static func client(
    _ pair: DevelopmentCertificates.Pair, trusting certificates: DevelopmentCertificates
  ) throws -> TLSContext {
    try .client(trustRoots: certificates.ca, certificateChain: pair.chain, privateKey: pair.key)
  }
}

extension GRPCClient {
  func call(_ method: MethodDescriptor, _ message: [UInt8], options: CallOptions = .defaults) async throws -> [UInt8] {
    try await unary(
      request: ClientRequest(message: message), descriptor: method, serializer: RawSerializer(),
      deserializer: RawDeserializer(), options: options
    ) { try $0.message }
  }
}

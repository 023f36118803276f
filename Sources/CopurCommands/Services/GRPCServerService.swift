import CopurGRPC
import CopurLaunch
import CopurScenarios
import GRPCCore
import ServiceLifecycle

/// A gRPC server as a service: it says where it listens, and on shutdown lets calls end.
struct GRPCServerService: Service {
  let server: GRPCServer<HTTP2ServerTransport>
  let transport: HTTP2ServerTransport
  /// Told once the server listens.
  let listening: @Sendable () -> Void

  init(
    transport: HTTP2ServerTransport, router: RPCRouter<HTTP2ServerTransport>,
    listening: @escaping @Sendable () -> Void = {}
  ) {
    self.transport = transport
    self.listening = listening
    server = GRPCServer(transport: transport, router: router)
  }

  /// A server that anybody may call who reaches it.
  init(
    transport: HTTP2ServerTransport, openServices: [any RegistrableRPCService],
    listening: @escaping @Sendable () -> Void = {}
  ) {
    self.transport = transport
    self.listening = listening
    server = GRPCServer(transport: transport, services: openServices)
  }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          do {
            try await server.serve()
          } catch let error as RuntimeError {
            // gRPC's wrapping says only that it is the transport's error.
            throw error.cause ?? error
          }
        }
        // An address that cannot be had is serve()'s error, which says more.
        if let address = try? await transport.listeningAddress {
          try Terminal.print("\(ReadyLine(host: address.host, port: address.port))")
          listening()
        }
        try await group.waitForAll()
      }
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
      // A server that has not begun to serve does not tell its transport, whose address is waited for above.
      transport.beginGracefulShutdown()
    }
  }
}

import CopurGRPC
import CopurScenarios
import GRPCCore
import ServiceLifecycle

/// A gRPC server as a service: it says where it listens, and on shutdown lets calls end.
struct GRPCServerService: Service {
  let server: GRPCServer<HTTP2ServerTransport>
  let transport: HTTP2ServerTransport

  init(
    transport: HTTP2ServerTransport, services: [any RegistrableRPCService],
    interceptors: [any ServerInterceptor] = []
  ) {
    self.transport = transport
    server = GRPCServer(transport: transport, services: services, interceptors: interceptors)
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

internal import CopurFusionCenter
internal import CopurWire
internal import GRPCCore
internal import SwiftProtobuf

/// The gRPC service `grpc.health.v1.Health`.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  /// Whether the server takes calls.
  let isReady: @Sendable () -> Bool
  /// The full names of the services that the server has.
  let services: Set<String>
  /// The time that a change may go unnoticed by Watch.
  var interval = Duration.milliseconds(100)

  func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    let status = status(of: request.service)
    guard status != .serviceUnknown else {
      throw RPCError(
        code: .notFound,
        message: "service: one that the server has (actual: \(String(request.service.prefix(128)).debugDescription))")
    }
    return .with { $0.status = status }
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    var told: Grpc_Health_V1_HealthCheckResponse.ServingStatus?
    while !context.cancellation.isCancelled {
      let status = status(of: request.service)
      if status != told {
        try await response.write(.with { $0.status = status })
        told = status
      }
      try await Task.sleep(for: interval)
    }
  }

  private func status(of service: String) -> Grpc_Health_V1_HealthCheckResponse.ServingStatus {
    guard service.isEmpty || services.contains(service) else { return .serviceUnknown }
    return isReady() ? .serving : .notServing
  }
}

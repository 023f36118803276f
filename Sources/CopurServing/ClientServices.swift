public import CopurFusionCenter
public import GRPCCore

/// What clients that others wrote find on the data plane's port and on the HTTP plane: one implementation for both.
///
/// ```swift
/// let clients = ClientServices(center: center)
/// let router = try access.router(of: [FusionCenterService(center, access: access)] + clients.grpcServices)
/// let plane = HTTPPlane(configuration, clients: clients, access: access, logger: logger)
/// ```
public struct ClientServices: Sendable {
  let center: FusionCenter
  let inference: FusionInference

  public init(center: FusionCenter) {
    self.center = center
    inference = FusionInference(center: center)
  }

  /// Inference, health and reflection.
  public var grpcServices: [any RegistrableRPCService] {
    let own = ["copur.v1.FusionCenter", "grpc.health.v1.Health", "inference.GRPCInferenceService"]
    let services = (own + ReflectionService.names).sorted()
    return [
      InferenceService(inference: inference),
      HealthService(isReady: { [center] in center.isReady }, services: Set(services)),
      ReflectionService(files: .stored, services: services),
    ]
  }
}

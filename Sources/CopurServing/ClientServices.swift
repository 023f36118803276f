public import CopurFusionCenter
public import GRPCCore

/// The services for clients that others wrote, on the data plane's port and on the HTTP plane: one implementation for
/// both.
///
/// ```swift
/// let clients = ClientServices(center: center)
/// let router = try access.router(of: [FusionCenterService(center, access: access)] + clients.grpcServices)
/// let plane = HTTPPlane(configuration, clients: clients, access: access, logger: logger)
/// ```
public struct ClientServices: Sendable {
  let center: FusionCenter
  let inference: FusionInference
  let accessRefusals: @Sendable () -> [(reason: String, count: Int)]
  let http2Refusals: @Sendable () -> [(rule: String, count: Int)]
  let spans: @Sendable () -> [(outcome: String, count: Int)]

  /// - Parameters:
  ///   - accessRefusals: How many calls were refused for each reason, by role or for want of an identity.
  ///   - http2Refusals: How often the data plane's transport refused something, by rule.
  ///   - spans: How many spans were exported or not, by outcome; none if there are none.
  public init(
    center: FusionCenter, accessRefusals: @escaping @Sendable () -> [(reason: String, count: Int)] = { [] },
    http2Refusals: @escaping @Sendable () -> [(rule: String, count: Int)] = { [] },
    spans: @escaping @Sendable () -> [(outcome: String, count: Int)] = { [] }
  ) {
    self.center = center
    inference = FusionInference(center: center)
    self.accessRefusals = accessRefusals
    self.http2Refusals = http2Refusals
    self.spans = spans
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

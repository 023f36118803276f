internal import CopurFusionCenter
internal import CopurJointTraining
internal import Hummingbird

/// What an HTTP plane serves of one kind of service: its routes, and its metrics.
struct PlaneContent: Sendable {
  /// Adds the service's own routes.
  let addRoutes: @Sendable (Router<HTTPPlaneContext>) -> Void
  /// The counts of HTTP requests.
  let http: HTTPMeters
  /// Counts what has happened; often enough that nothing is lost.
  let collect: @Sendable () -> Void

  /// A fusion center's: health, sessions, inference, metrics.
  static func inference(
    _ clients: ClientServices, _ configuration: HTTPPlaneConfiguration, planeGuard: PlaneGuard
  ) -> PlaneContent {
    let metrics = ServingMetrics(clients, httpRefusals: { planeGuard.refusals })
    let bodies = BodyBudget(bytes: max(configuration.maximumBodyBytesInAll, configuration.maximumBodyBytes))
    return PlaneContent(
      addRoutes: { router in
        HealthRoutes(isReady: { clients.center.isReady }).add(to: router)
        SessionRoutes(center: clients.center).add(to: router)
        InferenceRoutes(
          inference: clients.inference, maximumBodyBytes: configuration.maximumBodyBytes,
          maximumJSONBytes: configuration.maximumJSONBytes, budget: bodies
        ).add(to: router)
        MetricsRoutes(text: { metrics.text }).add(to: router)
        OpenAPIRoutes(center: clients.center).add(to: router)
      }, http: metrics.http, collect: { metrics.collect() })
  }

  /// A training's: health and metrics.
  static func training(_ services: TrainingServices, planeGuard: PlaneGuard) -> PlaneContent {
    let http = HTTPMeters()
    let metrics = TrainingMetrics(services, http: http, httpRefusals: { planeGuard.refusals })
    return PlaneContent(
      addRoutes: { router in
        HealthRoutes(isReady: { services.center.status.isReady }).add(to: router)
        MetricsRoutes(text: { metrics.text }).add(to: router)
      }, http: http, collect: {})
  }
}

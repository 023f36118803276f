extension AccessTable {
  /// The rows of what clients that others wrote speak.
  mutating func allowClients() {
    let everybody = Set(Role.allCases)
    allow(everybody, ["Check", "Watch"].map { .grpc("grpc.health.v1.Health/\($0)") })
    allow(everybody, ["v1", "v1alpha"].map { .grpc("grpc.reflection.\($0).ServerReflection/ServerReflectionInfo") })
    let service = "inference.GRPCInferenceService"
    allow(everybody, ["ServerLive", "ServerReady", "ModelReady"].map { .grpc("\(service)/\($0)") })
    let onlookers: Set<Role> = [.client, .viewer, .admin]
    allow(
      onlookers,
      ["ServerMetadata", "ModelMetadata", "ModelConfig", "ModelStatistics", "RepositoryIndex"].map {
        .grpc("\(service)/\($0)")
      })
    allow([.client, .admin], [.grpc("\(service)/ModelInfer")])

    // The dashboard.
    for path in ["/", "/page.js", "/dashboard.js", "/dashboard.css", "/dashboard.svg", "/events"] {
      allow(onlookers, [.http("GET \(path)")])
    }

    let versions = ["", "/versions/{version}"]
    allow(
      onlookers,
      [
        "GET /v2", "GET /v2/models/stats", "POST /v2/repository/index", "GET /metrics", "GET /openapi.json",
        "GET /sessions/waiting",
      ].map { .http($0) })
    allow([.admin], [.http("POST /sessions/{session}/open")])
    for version in versions {
      allow(everybody, [.http("GET /v2/models/{model}\(version)/ready")])
      allow(onlookers, ["", "/config", "/stats"].map { .http("GET /v2/models/{model}\(version)\($0)") })
      allow([.client, .admin], [.http("POST /v2/models/{model}\(version)/infer")])
    }
  }
}

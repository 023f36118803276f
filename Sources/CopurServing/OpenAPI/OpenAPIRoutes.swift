internal import CopurFusionCenter
internal import Hummingbird

/// Where clients find the plane's description.
struct OpenAPIRoutes: Sendable {
  let center: FusionCenter

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("openapi.json") { _, _ in Response(json: OpenAPIDocument(model: center.model).json) }
  }
}

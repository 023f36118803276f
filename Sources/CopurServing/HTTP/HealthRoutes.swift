internal import CopurCore
internal import Hummingbird

/// Whether the process lives, and whether it takes work.
struct HealthRoutes: Sendable {
  let isReady: @Sendable () -> Bool

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("v2/health/live") { _, _ in Response(json: .object(["live": .bool(true)])) }
    router.get("v2/health/ready") { _, _ in
      let isReady = isReady()
      return Response(
        status: isReady ? .ok : .serviceUnavailable,
        json: .object(["live": .bool(true), "ready": .bool(isReady)]))
    }
  }
}

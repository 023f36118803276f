internal import Hummingbird

/// The route that monitoring asks: `/metrics`.
struct MetricsRoutes: Sendable {
  /// Prometheus' text format.
  let text: @Sendable () -> String

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text())))
    }
  }
}

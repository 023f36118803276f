internal import CopurFusionCenter
internal import HTTPTypes
internal import Hummingbird

/// Reads `traceparent` of every request, and sends it back with a span of this service (W3C Trace Context).
struct TraceMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  private static let name = HTTPField.Name("traceparent")

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    guard let name = Self.name, let trace = request.headers[name].flatMap(TraceContext.init) else {
      return try await next(request, context)
    }
    let own = trace.continued()
    var response = try await TraceContext.$current.withValue(own) { try await next(request, context) }
    response.headers[name] = "\(own)"
    return response
  }
}

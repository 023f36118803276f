internal import CopurFusionCenter
internal import HTTPTypes
internal import Hummingbird

/// Reads `traceparent` of every request, and sends it back with a span of this service (W3C Trace Context).
struct TraceMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  private static let name = HTTPField.Name("traceparent")
  private static let status = "http.response.status_code"
  private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post]

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    // OpenTelemetry's word for methods of a caller's own invention.
    let method = Self.methods.contains(request.method) ? request.method.rawValue : "_OTHER"
    guard let name = Self.name, let header = request.headers[name],
      let call = CallSpan(traceparent: header, name: method, attributes: ["http.request.method": method])
    else { return try await next(request, context) }
    do {
      var response = try await call.within { try await next(request, context) }
      response.headers[name] = "\(call.trace)"
      if let route = context.route { call.found(route: route, of: method) }
      // OpenTelemetry's conventions for HTTP: a caller's mistake is no error of the server's.
      let code = response.status.code
      call.end(code, as: Self.status, failure: code < 500 ? nil : response.status.reasonPhrase)
      return response
    } catch {
      call.end(500, as: Self.status, failure: "\(type(of: error))")
      throw error
    }
  }
}

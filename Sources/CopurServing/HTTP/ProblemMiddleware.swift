internal import CopurCore
internal import Hummingbird

/// Turns every error of a route into a ``Problem``.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response(from: request, context: context)
    } catch let error as HTTPError where error.status == .notFound && error.body == nil {
      return Problem(.notFound, "there is nothing at \(request.method.rawValue) \(request.uri.path)")
        .response(from: request, context: context)
    } catch let error as HTTPError {
      return Problem(error.status, error.body ?? error.status.reasonPhrase)
        .response(from: request, context: context)
    } catch let error as any HTTPResponseError {
      return Problem(error.status, error.status.reasonPhrase).response(from: request, context: context)
    }
  }
}

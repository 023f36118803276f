internal import CopurCore
internal import Hummingbird

/// Turns every error of a route into a ``Problem``.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  /// The verbs and paths that there are.
  let routes: [(method: HTTPRequest.Method, path: RouterPath)]
  let maximumBodyBytes: Int

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response(from: request, context: context)
    } catch let error as InferenceError {
      return Problem(error.status, error.message).response(from: request, context: context)
    } catch let error as HTTPError where error.status == .notFound && error.body == nil {
      return notFound(request).response(from: request, context: context)
    } catch let error as HTTPError where error.status == .contentTooLarge {
      return tooLarge.response(from: request, context: context)
    } catch let error as HTTPError {
      return Problem(error.status, error.body ?? error.status.reasonPhrase)
        .response(from: request, context: context)
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      return tooLarge.response(from: request, context: context)
    } catch let error as any HTTPResponseError {
      return Problem(error.status, error.status.reasonPhrase).response(from: request, context: context)
    }
  }

  private var tooLarge: Problem {
    Problem(.contentTooLarge, "body: at most \(maximumBodyBytes) bytes")
  }

  /// Nothing is there, or something for other verbs.
  private func notFound(_ request: Request) -> Problem {
    let (verb, path) = (request.method.rawValue, request.uri.path)
    let parts = path.split(separator: "/")
    let verbs = routes.filter { matches($0.path, parts) }.map(\.method.rawValue)
    guard !verbs.isEmpty else { return Problem(.notFound, "there is nothing at \(verb) \(path)") }
    let allowed = Set(verbs + (verbs.contains("GET") ? ["HEAD"] : [])).sorted().joined(separator: ", ")
    return Problem(.methodNotAllowed, "\(path) takes \(allowed) (actual: \(verb))", headers: [.allow: allowed])
  }

  private func matches(_ path: RouterPath, _ parts: [Substring]) -> Bool {
    path.components.count == parts.count && zip(path.components, parts).allSatisfy { $0 ~= $1 }
  }
}

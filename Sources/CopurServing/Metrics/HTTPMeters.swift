internal import CopurFusionCenter
internal import Hummingbird
internal import Synchronization

/// The counts of HTTP requests.
final class HTTPMeters: Sendable {
  struct Route: Hashable, Sendable {
    /// As it was declared, so that there are only so many.
    var path: String
    var method: String
    var status: Int
  }

  struct Snapshot: Sendable {
    var requests: [Route: Int] = [:]
    var seconds = Histogram.seconds
  }

  private let state = Mutex(Snapshot())

  var snapshot: Snapshot { state.withLock { $0 } }

  func answered(_ route: Route, in duration: Duration) {
    state.withLock { state in
      state.requests[route, default: 0] += 1
      state.seconds.add(duration)
    }
  }
}

/// Counts requests, outside of everything else.
struct HTTPMetersMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  let meters: HTTPMeters
  private static let methods: Set<String> = ["GET", "HEAD", "POST"]

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response = try await next(request, context)
    let method = request.method.rawValue
    meters.answered(
      HTTPMeters.Route(
        path: context.route ?? "none", method: Self.methods.contains(method) ? method : "other",
        status: response.status.code), in: .now - start)
    return response
  }
}

internal import CopurFusionCenter
internal import CopurTLS
internal import Foundation
internal import Hummingbird

/// Lets in who may call a route: by a token, by a client certificate, or anybody where peers are believed.
struct AccessMiddleware: RouterMiddleware {
  typealias Context = HTTPPlaneContext

  let access: AccessControl
  let tokens: BearerTokens?
  /// Whether peers are believed that show neither a token nor a certificate.
  let isOpen: Bool
  let planeGuard: PlaneGuard
  /// The time that the answer to a wrong token waits.
  private static let pauseAfterWrongToken = Duration.milliseconds(500)
  /// Routes that anybody may call: they say no more than whether the server is there.
  private static let open: Set<String> = ["/v2/health/live", "/v2/health/ready"]

  func handle(
    _ request: Request, context: HTTPPlaneContext,
    next: (Request, HTTPPlaneContext) async throws -> Response
  ) async throws -> Response {
    // A route that does not exist needs no permission.
    guard let route = context.route, !Self.open.contains(route) else { return try await next(request, context) }
    // A HEAD is a GET without its body.
    let method = request.method == .head ? HTTPRequest.Method.get : request.method
    let endpoint = Endpoint.http("\(method.rawValue) \(route)")
    if let shown = request.headers[.authorization] {
      guard let principal = tokens?.principal(authorization: shown) else {
        access.tokenRefused(endpoint, peer: context.peer)
        let address = context.address
        if planeGuard.slowAnswerBegan(peer: address) {
          defer { planeGuard.slowAnswerEnded(peer: address) }
          // Guessing takes a connection for so long, and an address has only so many of them.
          try await Task.sleep(for: Self.pauseAfterWrongToken)
          throw Self.unauthorized("Authorization: a token that the server knows")
        }
        // Without an answer: a new connection costs more time.
        context.close()
        throw Problem(.tooManyRequests, "Authorization: too many wrong tokens at a time")
      }
      try check { () throws(AccessRefusal) in try access.check(endpoint, by: principal, peer: context.peer) }
    } else if !isOpen {
      guard let certificate = context.certificate else {
        throw Self.unauthorized("a client shows a certificate, or a token in Authorization")
      }
      try check { () throws(AccessRefusal) in
        _ = try access.check(endpoint, credentials: PeerCredentials(certificate), peer: context.peer)
      }
    }
    return try await next(request, context)
  }

  private func check(_ body: () throws(AccessRefusal) -> Void) throws {
    do {
      try body()
    } catch {
      throw Problem(.forbidden, "\(error)")
    }
  }

  /// Browsers ask for a password where Basic is offered; its user's name has no meaning.
  private static func unauthorized(_ rule: String) -> Problem {
    Problem(.unauthorized, rule, headers: [.wwwAuthenticate: "Basic realm=\"copur\", Bearer"])
  }
}

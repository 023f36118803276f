internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension DashboardPage {
  /// Adds the page and its events to a router.
  func addRoutes<Context: RequestContext>(
    to router: some RouterMethods<Context>, events pages: LivePages<some PageState & Sendable>
  ) {
    for part in parts {
      router.get(RouterPath(part.path)) { _, _ in
        Response(
          status: .ok, headers: Self.headers(type: part.type), body: ResponseBody(byteBuffer: part.body))
      }
    }
    router.get("/events") { request, _ in
      let seen = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap(EventID.init)
      guard let events = pages.opened(after: seen) else {
        throw HTTPError(.serviceUnavailable, message: "too many dashboards are open (max: \(PageLimits.pages))")
      }
      return Response(
        status: .ok, headers: Self.headers(type: "text/event-stream"),
        body: ResponseBody { writer in
          for await text in events { try await writer.write(ByteBuffer(string: text)) }
          try await writer.finish(nil)
        })
    }
  }

  /// The header fields of every answer: nothing but what comes from here may run, be shown or be asked for, and nobody may
  /// put the page into theirs.
  private static func headers(type: String) -> HTTPFields {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.cacheControl] = type == "text/event-stream" ? "no-store" : "no-cache"
    headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
      + "form-action 'none'; frame-ancestors 'none'"
    headers[.xContentTypeOptions] = "nosniff"
    for (name, value) in [
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Accel-Buffering", "no"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }
}

internal import Foundation
internal import HTTPTypes
public import Hummingbird
internal import NIOCore

extension Dashboard {
  /// Where the parts of the page are. All but the last are the same for everybody and say nothing of the service, so that
  /// only the last needs to ask who wants to know.
  public static let pagePaths = ["/", "/dashboard.js", "/dashboard.css", "/dashboard.svg"]
  /// Where the page gets its events.
  public static let eventsPath = "/events"

  /// Adds the page and its events to a router.
  public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    addPageRoutes(to: router)
    addEventsRoute(to: router)
  }

  /// Adds the page, its style, its script and its icon.
  public func addPageRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    let parts = [
      ("/", "text/html; charset=utf-8", DashboardPage.markup),
      ("/dashboard.js", "text/javascript; charset=utf-8", DashboardScript.source),
      ("/dashboard.css", "text/css; charset=utf-8", DashboardStyle.sheet),
      ("/dashboard.svg", "image/svg+xml", DashboardPage.icon),
    ]
    for (path, type, text) in parts {
      router.get(RouterPath(path)) { _, _ in
        Response(
          status: .ok, headers: Self.headers(type: type),
          body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
      }
    }
  }

  /// Adds the events.
  public func addEventsRoute<Context: RequestContext>(to router: some RouterMethods<Context>) {
    router.get(RouterPath(Self.eventsPath)) { request, _ in
      let seen = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap(EventID.init)
      guard let events = self.opened(after: seen) else {
        throw HTTPError(.serviceUnavailable, message: "too many dashboards are open (max: \(Self.maximumPages))")
      }
      return Response(
        status: .ok, headers: Self.headers(type: "text/event-stream"),
        body: ResponseBody { writer in
          for await text in events { try await writer.write(ByteBuffer(string: text)) }
          try await writer.finish(nil)
        })
    }
  }

  /// What every answer says: that nothing but what comes from here may run, be shown or be asked for, and that nobody may
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

internal import NIOCore

/// A page as browsers get it: files of `Resources`, byte for byte, which are embedded in the program.
///
/// Its markup has all of the page's words that do not come from the service, and none of what does: the script puts that
/// into the page as text alone. The script gets events as EventSource does (WHATWG HTML, section 9.2), but says why it is
/// not let in, and gives up connections that have gone quiet. In the style sheet blue is what is measured and orange what is
/// suspect, which everybody tells apart; states have a shape as well.
struct DashboardPage {
  /// A file that a browser asks for.
  struct Part {
    let path: String
    let type: String
    let body: ByteBuffer

    fileprivate init(_ path: String, _ type: String, _ bytes: [UInt8]) {
      self.path = path
      self.type = type
      body = ByteBuffer(bytes: bytes)
    }
  }

  let parts: [Part]

  /// The files that every page has.
  private static let shared = [
    Part("/page.js", "text/javascript; charset=utf-8", PackageResources.page_js),
    Part("/dashboard.css", "text/css; charset=utf-8", PackageResources.dashboard_css),
    Part("/dashboard.svg", "image/svg+xml", PackageResources.dashboard_svg),
  ]

  /// The rounds of a fusion center.
  static let rounds = DashboardPage(
    parts: [
      Part("/", "text/html; charset=utf-8", PackageResources.dashboard_html),
      Part("/dashboard.js", "text/javascript; charset=utf-8", PackageResources.dashboard_js),
    ] + shared)

  /// A training over the network.
  static let training = DashboardPage(
    parts: [
      Part("/", "text/html; charset=utf-8", PackageResources.training_html),
      Part("/training.js", "text/javascript; charset=utf-8", PackageResources.training_js),
    ] + shared)
}

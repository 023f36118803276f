internal import CNGHTTP2
internal import Glibc

/// The capabilities of the nghttp2 that is loaded.
///
/// Debian gave two options to its 1.52 that came out later upstream, so no version tells: their symbols do. They are
/// called by address, so that the program starts without them and can say what is missing.
package struct NGHTTP2Library: Sendable {
  typealias SetResetRateLimit = @convention(c) (OpaquePointer?, UInt64, UInt64) -> Void
  typealias SetMaximumContinuations = @convention(c) (OpaquePointer?, Int) -> Void

  let setStreamResetRateLimit: SetResetRateLimit
  let setMaximumContinuations: SetMaximumContinuations

  /// Finds the options.
  ///
  /// - Parameter symbol: Where a function's name leads.
  package init(symbol: (String) -> UnsafeMutableRawPointer?) throws(HTTP2Error) {
    let names = ["nghttp2_option_set_stream_reset_rate_limit", "nghttp2_option_set_max_continuations"]
    guard let limit = symbol(names[0]), let continuations = symbol(names[1]) else {
      let missing = names.filter { symbol($0) == nil }.joined(separator: " and ")
      let version = Self.version
      throw HTTP2Error(
        code: .libraryFailure,
        message: "libnghttp2 has to have the options against rapid reset (CVE-2023-44487) and CONTINUATION floods"
          + " (CVE-2024-28182): 1.61, or 1.52.0-1+deb12u2 of Debian 12 (version: \(version), missing: \(missing))")
    }
    setStreamResetRateLimit = unsafeBitCast(limit, to: SetResetRateLimit.self)
    setMaximumContinuations = unsafeBitCast(continuations, to: SetMaximumContinuations.self)
  }

  private static var version: String {
    nghttp2_version(0).map { String(cString: $0.pointee.version_str) } ?? "unknown"
  }

  /// The version of the library that is loaded, such as `1.52.0`.
  ///
  /// - Throws: ``HTTP2Error`` if it lacks what the program needs.
  package static func loadedVersion() throws(HTTP2Error) -> String {
    _ = try loaded.get()
    return version
  }

  /// The library that the program is linked with.
  static let loaded = Result { () throws(HTTP2Error) in
    // A null handle is RTLD_DEFAULT: the libraries in the order in which they were loaded.
    try NGHTTP2Library { dlsym(nil, $0) }
  }
}

package import CopurHTTP2
package import GRPCCore

/// A request's headers as a server understands them.
package enum RequestHead: Sendable {
  /// A call.
  case call(path: Path, metadata: Metadata, timeout: Duration?)
  /// Not gRPC: answered with an HTTP status.
  case notGRPC(status: Int)
  /// gRPC, but wrong: answered with a gRPC status.
  case rejected(Status)

  /// A method's name.
  package struct Path: Hashable, Sendable {
    package var service: String
    package var method: String
  }

  /// Judges headers ("Requests" of gRPC over HTTP/2).
  package init(_ headers: [HTTP2Header]) {
    guard headers.firstValue(":method") == "POST" else {
      self = .notGRPC(status: 405)
      return
    }
    let contentType = headers.firstValue("content-type")?.lowercased()
    // "If Content-Type does not begin with "application/grpc", gRPC servers SHOULD respond with HTTP status of 415".
    guard contentType == "application/grpc" || contentType == "application/grpc+proto" else {
      self = .notGRPC(status: 415)
      return
    }
    // "Used to detect incompatible proxies."
    let te = headers.firstValue("te")
    guard te == "trailers" else {
      self = .rejected(
        Status(code: .invalidArgument, message: "the header te has to be \"trailers\" (actual: \"\(te ?? "")\")"))
      return
    }
    let encoding = headers.firstValue("grpc-encoding")
    guard encoding == nil || encoding == "identity" else {
      self = .rejected(
        Status(
          code: .unimplemented,
          message: "the header grpc-encoding has to be \"identity\" (actual: \"\(encoding ?? "")\")"))
      return
    }
    let path = headers.firstValue(":path") ?? ""
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
      self = .rejected(
        Status(code: .unimplemented, message: "the path has to be \"/package.Service/Method\" (actual: \"\(path)\")"))
      return
    }
    var timeout: Duration?
    if let text = headers.firstValue("grpc-timeout") {
      timeout = GRPCTimeout.parse(text)
      guard timeout != nil else {
        self = .rejected(
          Status(
            code: .internalError,
            message: "the header grpc-timeout has to be at most 8 digits and one of H M S m u n (actual: \"\(text)\")"))
        return
      }
    }
    var metadata = Metadata(received: headers)
    // The transport enforces it; GRPCCore would, too, but with CANCELLED and not for eight digits.
    metadata.removeAllValues(forKey: "grpc-timeout")
    self = .call(
      path: Path(service: String(parts[1]), method: String(parts[2])), metadata: metadata, timeout: timeout)
  }
}

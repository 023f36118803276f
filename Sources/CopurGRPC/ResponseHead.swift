package import CopurHTTP2
package import GRPCCore

/// A response's headers as a client understands them.
package enum ResponseHead: Sendable {
  /// An interim response (RFC 9110 section 15.2); the real one follows.
  case interim
  /// The call goes on.
  case metadata(Metadata)
  /// The call is over before it began ("Trailers-Only").
  case status(Status, Metadata)

  /// Judges a response's first headers ("Responses" of gRPC over HTTP/2).
  package init(_ headers: [HTTP2Header]) {
    guard let text = headers.firstValue(":status"), let httpStatus = Int(text) else {
      self = .status(Status(code: .unknown, message: "the response has no HTTP status"), [:])
      return
    }
    if (100..<200).contains(httpStatus) {
      self = .interim
    } else if headers.firstValue("grpc-status") != nil {
      let (status, metadata) = Self.trailers(headers)
      self = .status(status, metadata)
    } else if httpStatus != 200 {
      let status = Status(code: Self.code(httpStatus: httpStatus), message: "the HTTP status is \(httpStatus), not 200")
      self = .status(status, Metadata(received: headers))
    } else if headers.firstValue("content-type")?.hasPrefix("application/grpc") != true {
      let actual = headers.firstValue("content-type") ?? ""
      let message = "the response's content type has to begin with \"application/grpc\" (actual: \"\(actual)\")"
      self = .status(Status(code: .unknown, message: message), Metadata(received: headers))
    } else {
      self = .metadata(Metadata(received: headers))
    }
  }

  /// Reads the status out of trailers.
  package static func trailers(_ headers: [HTTP2Header]) -> (Status, Metadata) {
    let metadata = Metadata(received: headers)
    guard let text = headers.firstValue("grpc-status") else {
      return (Status(code: .unknown, message: "the trailers have no grpc-status"), metadata)
    }
    let message = GRPCStatusMessage.decode(headers.firstValue("grpc-message") ?? "")
    guard let number = Int(text), let code = Status.Code(rawValue: number) else {
      return (Status(code: .unknown, message: "grpc-status \"\(text)\" is not known: \(message)"), metadata)
    }
    return (Status(code: code, message: message), metadata)
  }

  /// "HTTP to gRPC Status Code Mapping".
  private static func code(httpStatus: Int) -> Status.Code {
    switch httpStatus {
    case 400: .internalError
    case 401: .unauthenticated
    case 403: .permissionDenied
    case 404: .unimplemented
    case 429, 502, 503, 504: .unavailable
    default: .unknown
    }
  }
}

internal import CopurCore

/// The ways to fail that operations share; the value is the component's name.
enum OpenAPIFailure: String, CaseIterable {
  case invalid = "Invalid"
  case unauthorized = "Unauthorized"
  case forbidden = "Forbidden"
  case notFound = "NotFound"
  case slow = "Slow"
  case tooLarge = "TooLarge"
  case encoding = "Encoding"
  case noQuorum = "NoQuorum"
  case tooMany = "TooMany"
  case notReady = "NotReady"

  var status: Int {
    switch self {
    case .invalid: 400
    case .unauthorized: 401
    case .forbidden: 403
    case .notFound: 404
    case .slow: 408
    case .tooLarge: 413
    case .encoding: 415
    case .noQuorum: 422
    case .tooMany: 429
    case .notReady: 503
    }
  }

  private var description: String {
    switch self {
    case .invalid: "The request breaks a rule, which is named with the field."
    case .unauthorized: "Neither a token nor a certificate that the server knows."
    case .forbidden: "Not for this role."
    case .notFound: "No such model, version or defence."
    case .slow: "The body did not come in time."
    case .tooLarge: "The body is too long."
    case .encoding: "The body is compressed."
    case .noQuorum: "A sample has fewer blocks than the quorum."
    case .tooMany: "Too many requests wait."
    case .notReady: "The server takes no work now."
    }
  }

  /// The component: a ``Problem``.
  var response: OpenAPIResponse {
    OpenAPIResponse(
      description, content: ["application/problem+json": .reference(to: .problem)],
      headers: self == .unauthorized ? ["WWW-Authenticate": .object(["schema": JSONSchema.string.json])] : [:])
  }

  /// What stands for the component where it is used.
  var reference: JSONValue { .object(["$ref": .string("#/components/responses/\(rawValue)")]) }
}

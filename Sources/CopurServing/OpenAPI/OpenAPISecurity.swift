internal import CopurCore

/// How a client shows who it is; the value is the component's name.
enum OpenAPISecurity: String, CaseIterable {
  case bearer
  case password
  case certificate

  /// The component.
  var json: JSONValue {
    switch self {
    case .bearer: .object(["type": .string("http"), "scheme": .string("bearer")])
    case .password:
      .object([
        "type": .string("http"), "scheme": .string("basic"),
        "description": .string("The token as the password; the user's name has no meaning."),
      ])
    case .certificate: .object(["type": .string("mutualTLS")])
    }
  }
}

internal import CopurCore

/// What an operation may answer with one status.
struct OpenAPIResponse {
  var description: String
  /// The body, by its content type.
  var content: [String: JSONSchema]
  /// Header fields, by name.
  var headers: [String: JSONValue]

  init(
    _ description: String = "Success.", content: [String: JSONSchema], headers: [String: JSONValue] = [:]
  ) {
    self.description = description
    self.content = content
    self.headers = headers
  }

  /// JSON of a schema.
  init(_ schema: OpenAPISchema, _ description: String = "Success.") {
    self.init(description, content: ["application/json": .reference(to: schema)])
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "description": .string(description),
      "content": .object(content.mapValues { .object(["schema": $0.json]) }),
    ]
    if !headers.isEmpty { members["headers"] = .object(headers) }
    return .object(members)
  }
}

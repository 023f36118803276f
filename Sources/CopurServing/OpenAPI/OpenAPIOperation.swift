internal import CopurCore

/// What can be asked at a path.
struct OpenAPIOperation {
  enum Verb: String { case get, post }
  enum Tag: String { case inference, health, monitoring }

  let verb: Verb
  /// With its parameters in braces.
  let path: String
  /// No other operation's.
  let id: String
  let summary: String
  let tag: Tag
  /// Whether it is for everybody, without a certificate or token.
  let isOpen: Bool
  /// Those of the path, then the others.
  let parameters: [OpenAPIParameter]
  /// The description of the request's body.
  let body: JSONValue?
  /// What is answered with a body of the operation's own, by status.
  let answers: [Int: OpenAPIResponse]
  /// How it can fail: what follows from the above, and what is its own.
  let failures: [OpenAPIFailure]

  /// - Parameters:
  ///   - parameters: Those that are not in the path.
  ///   - body: Nil if there need not be one.
  ///   - readsBody: Whether a body is read where none is described.
  ///   - success: The answer of status 200.
  ///   - others: Further answers that are none of the failures, by status.
  ///   - failures: Those besides the ones that follow from the other arguments.
  init(
    _ verb: Verb, _ path: String, id: String, _ summary: String, _ tag: Tag, isOpen: Bool = false,
    parameters: [OpenAPIParameter] = [], body: JSONValue? = nil, readsBody: Bool = false, success: OpenAPIResponse,
    others: [Int: OpenAPIResponse] = [:], failures: [OpenAPIFailure] = []
  ) {
    let inPath = OpenAPIParameter.allCases.filter { path.contains("{\($0.rawValue)}") }
    self.verb = verb
    self.path = path
    self.id = id
    self.summary = summary
    self.tag = tag
    self.isOpen = isOpen
    self.parameters = inPath + parameters
    self.body = body
    answers = others.merging([200: success]) { $1 }
    self.failures =
      (isOpen ? [] : [.unauthorized, .forbidden]) + (inPath.isEmpty ? [] : [.notFound])
      + (readsBody || body != nil ? [.slow, .tooLarge] : []) + failures
  }

  var json: JSONValue {
    var responses = Dictionary(uniqueKeysWithValues: answers.map { ("\($0)", $1.json) })
    for failure in failures { responses["\(failure.status)"] = failure.reference }
    var members: [String: JSONValue] = [
      "operationId": .string(id), "summary": .string(summary), "tags": .array([.string(tag.rawValue)]),
      "responses": .object(responses),
    ]
    if isOpen { members["security"] = .array([]) }
    if !parameters.isEmpty { members["parameters"] = .array(parameters.map(\.reference)) }
    members["requestBody"] = body
    return .object(members)
  }
}

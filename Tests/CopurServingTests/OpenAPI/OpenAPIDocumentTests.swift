import CopurCore
import CopurFusionCenter
import CopurServing
import Foundation
import Testing

struct OpenAPIDocumentTests {
  @Test("Every route that the plane's router has is described, and nothing else")
  func router() async throws {
    let (center, logger) = try await smallCenter()
    let plane = HTTPPlane(
      HTTPPlaneConfiguration(host: "127.0.0.1", port: 0), clients: ClientServices(center: center),
      access: AccessControl(identification: .none, logger: logger), logger: logger)
    let (routes, described) = (plane.ownRoutes, try await Document.served().operations.map(\.route))
    #expect(routes.contains("POST /v2/models/{model}/versions/{version}/infer"))
    #expect(routes.sorted() == described.sorted())
  }

  @Test("Every description of a route agrees with the table of roles, which has no others")
  func roles() async throws {
    let document = try await Document.served()
    let open: Set = ["GET /v2/health/live", "GET /v2/health/ready"]
    // For browsers.
    let dashboard: Set = [
      "GET /", "GET /page.js", "GET /dashboard.js", "GET /dashboard.css", "GET /dashboard.svg", "GET /events",
    ]
    let routes = AccessTable.standard.rows.keys.compactMap { endpoint in
      if case .http(let route) = endpoint { route } else { nil }
    }
    #expect(Set(document.operations.map(\.route)) == Set(routes).subtracting(dashboard).union(open))
    for operation in document.operations {
      #expect((operation.members["security"] == .array([])) == open.contains(operation.route), "\(operation.route)")
      let statuses = operation.members["responses"]?.members.keys
      #expect(statuses?.contains("401") == !open.contains(operation.route), "\(operation.route)")
    }
    let ids = document.operations.compactMap { $0.members["operationId"] }
    #expect(ids.count == document.operations.count && Set(ids).count == ids.count)
  }

  @Test("A path with a version is its path without one, but for the operation's name and the version")
  func versions() async throws {
    let document = try await Document.served()
    let infix = "/versions/{version}"
    let versioned = document.operations.filter { $0.route.contains(infix) }
    #expect(versioned.count == 5)
    let version = JSONValue.object(["$ref": .string("#/components/parameters/version")])
    for operation in versioned {
      let twin = try #require(
        document.operations.first { $0.route == operation.route.replacing(infix, with: "") }, "\(operation.route)")
      var (members, expected) = (operation.members, twin.members)
      #expect(members.removeValue(forKey: "operationId") != expected.removeValue(forKey: "operationId"))
      guard case .array(let parameters)? = members.removeValue(forKey: "parameters"),
        case .array(let others)? = expected.removeValue(forKey: "parameters")
      else {
        Issue.record("no parameters: \(operation.route)")
        continue
      }
      #expect(parameters.filter { $0 != version } == others && parameters.contains(version), "\(operation.route)")
      #expect(members == expected, "\(operation.route)")
    }
  }

  @Test("Every reference leads somewhere, and every component is referred to")
  func references() async throws {
    let document = try await Document.served()
    let references = Set(document.json.strings(of: "$ref"))
    var components: Set<String> = []
    for kind in ["parameters", "responses", "schemas"] {
      let named = document.json.members["components"]?.members[kind]?.members.keys.map { "#/components/\(kind)/\($0)" }
      components.formUnion(try #require(named))
    }
    #expect(components.count == 3 + 10 + 16)
    #expect(references == components)
  }

  @Test("What is served is the file and the model's part: the version and the examples")
  func file() async throws {
    let source = URL(filePath: #filePath).appending(path: "../../../../Sources/CopurServing/Resources/openapi.json")
    let file = try Document(try String(contentsOf: source.standardized, encoding: .utf8))
    let served = try await Document.served()
    #expect(file.json.removing(["enum", "example"]) == served.json.removing(["enum", "example"]))
    let parameters = served.json.members["components"]?.members["parameters"]?.members
    #expect(parameters?["version"]?.members["schema"]?.members["enum"] == .array([.string("0123456789abcdef")]))
    #expect(parameters?["model"]?.members["schema"]?.members["enum"] == .array([.string("fusion")]))
  }

  @Test("The file names the server and the interface's version as the server does")
  func names() async throws {
    try await withPlane { url, _ async throws in
      let info = try Document(try await get("openapi.json", of: url).body).json.members["info"]?.members
      let server = try Document(try await get("v2", of: url).body).json.members
      #expect(info?["title"] == server["name"] && info?["version"] == server["version"] && server["version"] != nil)
    }
  }

  @Test("The example is answered, and the bytes are the same at each request")
  func example() async throws {
    try await withPlane { url, _ async throws in
      let answers = [try await get("openapi.json", of: url), try await get("openapi.json", of: url)]
      #expect(answers[0] == answers[1] && answers[0].status == 200 && answers[0].type == "application/json")
      let document = try Document(answers[0].body)
      let infer = try #require(document.operations.first { $0.route == "POST /v2/models/{model}/infer" })
      let example = try #require(
        infer.members["requestBody"]?.members["content"]?.members["application/json"]?.members["example"])
      let body = String(decoding: try JSONEncoder().encode(example), as: UTF8.self)
      let answer = try await post("v2/models/fusion/infer", body, of: url)
      #expect(answer.status == 200 && answer.body.contains(#""missing":"""#), "\(answer.body)")
    }
  }
}

/// The description as a client reads it.
private struct Document {
  struct Operation {
    /// As in ``AccessTable``.
    var route: String
    var members: [String: JSONValue]
  }

  var json: JSONValue

  init(_ text: String) throws { json = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

  static func served() async throws -> Document {
    try await withPlane { url, _ in try Document(try await get("openapi.json", of: url).body) }
  }

  var operations: [Operation] {
    (json.members["paths"]?.members ?? [:]).flatMap { path, verbs in
      verbs.members.map { Operation(route: "\($0.uppercased()) \(path)", members: $1.members) }
    }
  }
}

extension JSONValue {
  /// An object's members; none of what is no object.
  fileprivate var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }

  /// The same without the members of these names, however deep.
  fileprivate func removing(_ names: Set<String>) -> JSONValue {
    switch self {
    case .object(let members):
      .object(members.filter { !names.contains($0.key) }.mapValues { $0.removing(names) })
    case .array(let values): .array(values.map { $0.removing(names) })
    case .null, .bool, .number, .string: self
    }
  }

  /// The strings that members of a name have, however deep.
  fileprivate func strings(of name: String) -> [String] {
    switch self {
    case .object(let members):
      members.flatMap { member, value in
        if member == name, case .string(let text) = value { [text] } else { value.strings(of: name) }
      }
    case .array(let values): values.flatMap { $0.strings(of: name) }
    case .null, .bool, .number, .string: []
    }
  }
}

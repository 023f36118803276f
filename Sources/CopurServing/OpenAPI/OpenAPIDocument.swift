internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics
internal import Foundation
internal import Hummingbird

/// The description of the HTTP plane that clients can read: OpenAPI 3.1, everything that can be asked of the plane but the
/// dashboard, which is for browsers.
///
/// The file `Resources/openapi.json` has all of it that does not depend on the model.
struct OpenAPIDocument {
  let model: ServedModel

  /// The file, which is embedded in the program.
  private static let file: JSONValue = {
    do {
      return try JSONDecoder().decode(JSONValue.self, from: Data(PackageResources.openapi_json))
    } catch {
      preconditionFailure("Resources/openapi.json is JSON: \(error)")
    }
  }()

  /// The file with the version that a path may name, and with a request that the model answers as an example.
  var json: JSONValue {
    var document = Self.file
    document.set(["components", "parameters", "version", "schema", "enum"], to: .array([.string(model.version)]))
    for path in ["/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"] {
      document.set(
        ["paths", path, "post", "requestBody", "content", "application/json", "example"], to: example)
    }
    return document
  }

  /// One sample, every agent there.
  private var example: JSONValue {
    let inputs = zip(model.roster.agents, model.roster.layout.widths).map { agent, width in
      JSONValue.object([
        "name": .string(agent.name), "shape": .array([.number(1), .number(Double(width))]),
        "datatype": .string(Datatype.fp32.rawValue),
        "data": .array([JSONValue](repeating: .number(0.5), count: width)),
      ])
    }
    return .object(["id": .string("example"), "inputs": .array(inputs)])
  }
}

extension JSONValue {
  /// Sets a member that may be new, of objects inside each other that are there.
  fileprivate mutating func set(_ path: ArraySlice<String>, to value: JSONValue) {
    guard let name = path.first else {
      self = value
      return
    }
    guard case .object(var members) = self else {
      preconditionFailure("Resources/openapi.json has an object with the member \(name)")
    }
    members[name, default: .null].set(path.dropFirst(), to: value)
    self = .object(members)
  }
}

/// The route by which clients get the plane's description.
struct OpenAPIRoutes: Sendable {
  let center: FusionCenter

  func add(to router: Router<HTTPPlaneContext>) {
    router.get("openapi.json") { _, _ in Response(json: OpenAPIDocument(model: center.model).json) }
  }
}

internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics

/// The description of the HTTP plane that clients can read: OpenAPI 3.1.
struct OpenAPIDocument {
  let model: ServedModel

  /// The document.
  var json: JSONValue {
    .object([
      "openapi": .string("3.1.0"),
      "info": .object([
        "title": .string(ServerDescription.name), "version": .string(ServerDescription.version),
        "description": .string(
          "The HTTP plane of a fusion center: the Open Inference Protocol, version 2, health and metrics."),
      ]),
      // Any of these: the last is none, for a plane without TLS.
      "security": .array(
        OpenAPISecurity.allCases.map { .object([$0.rawValue: .array([])]) } + [.object([:])]),
      "paths": .object(paths), "components": components,
    ])
  }

  private var paths: [String: JSONValue] {
    Dictionary(grouping: operations, by: \.path).mapValues { operations in
      .object(Dictionary(uniqueKeysWithValues: operations.map { ($0.verb.rawValue, $0.json) }))
    }
  }

  private var components: JSONValue {
    .object([
      "parameters": .object(named(OpenAPIParameter.allCases) { $0.json(of: model) }),
      "responses": .object(named(OpenAPIFailure.allCases, \.response.json)),
      "schemas": .object(named(OpenAPISchema.allCases, \.schema.json)),
      "securitySchemes": .object(named(OpenAPISecurity.allCases, \.json)),
    ])
  }

  private func named<Component: RawRepresentable<String>>(
    _ components: [Component], _ json: (Component) -> JSONValue
  ) -> [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: components.map { ($0.rawValue, json($0)) })
  }

  /// A request that the model answers: one sample, every agent there.
  var example: JSONValue {
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

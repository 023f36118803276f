internal import CopurCore
internal import CopurFusionCenter

/// The parameters of operations; the value is the component's name, and that in a path.
enum OpenAPIParameter: String, CaseIterable {
  case model
  case version
  case jsonLength

  /// The component.
  func json(of model: ServedModel) -> JSONValue {
    switch self {
    case .model: Self.inPath(rawValue, of: FusionInference.modelName)
    case .version: Self.inPath(rawValue, of: model.version)
    case .jsonLength:
      .object([
        "name": .string("Inference-Header-Content-Length"), "in": .string("header"), "required": .bool(false),
        "description": .string("How long the JSON is, where inputs' values follow it."),
        "schema": JSONSchema.integer(from: 0).json,
      ])
    }
  }

  /// What stands for the component where it is used.
  var reference: JSONValue { .object(["$ref": .string("#/components/parameters/\(rawValue)")]) }

  private static func inPath(_ name: String, of value: String) -> JSONValue {
    .object([
      "name": .string(name), "in": .string("path"), "required": .bool(true),
      "schema": .object(["type": .string("string"), "enum": .array([.string(value)])]),
    ])
  }
}

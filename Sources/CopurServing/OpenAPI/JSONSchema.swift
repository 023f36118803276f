internal import CopurCore

/// What JSON may be somewhere: a schema of JSON Schema 2020-12, which OpenAPI 3.1 uses.
struct JSONSchema {
  private var members: [String: JSONValue]

  private init(_ members: [String: JSONValue]) { self.members = members }

  var json: JSONValue { .object(members) }

  static var string: JSONSchema { oneType("string") }
  static var boolean: JSONSchema { oneType("boolean") }
  static var number: JSONSchema { oneType("number") }
  /// A body that is no JSON.
  static var bytes: JSONSchema { string.with("format", .string("binary")) }

  static var integer: JSONSchema { oneType("integer") }
  static func integer(from minimum: Int) -> JSONSchema { integer.with("minimum", .number(Double(minimum))) }

  /// A value of any of these types.
  static func types(_ names: String...) -> JSONSchema {
    JSONSchema(["type": .array(names.map { .string($0) })])
  }

  /// One of these strings.
  static func oneOf(_ values: String...) -> JSONSchema {
    JSONSchema(["enum": .array(values.map { .string($0) })])
  }

  /// What exactly one of these schemas describes.
  static func either(_ schemas: JSONSchema...) -> JSONSchema {
    JSONSchema(["oneOf": .array(schemas.map(\.json))])
  }

  /// - Parameter counts: How many there may be; nil for any number.
  static func array(of items: JSONSchema, counts: ClosedRange<Int>? = nil) -> JSONSchema {
    var schema = oneType("array").with("items", items.json)
    guard let counts else { return schema }
    schema.members["minItems"] = .number(Double(counts.lowerBound))
    if counts.upperBound < .max { schema.members["maxItems"] = .number(Double(counts.upperBound)) }
    return schema
  }

  /// - Parameters:
  ///   - required: The members that are always there.
  ///   - optional: Those that may be.
  static func object(
    _ required: [String: JSONSchema] = [:], optional: [String: JSONSchema] = [:]
  ) -> JSONSchema {
    var schema = oneType("object")
    let properties = required.merging(optional) { _, _ in preconditionFailure("a member is required, or it is not") }
    if !properties.isEmpty { schema.members["properties"] = .object(properties.mapValues(\.json)) }
    if !required.isEmpty { schema.members["required"] = .array(required.keys.sorted().map { .string($0) }) }
    return schema
  }

  /// A schema of the document's components.
  static func reference(to component: OpenAPISchema) -> JSONSchema {
    JSONSchema(["$ref": .string("#/components/schemas/\(component.rawValue)")])
  }

  /// The same with what it means.
  func described(_ text: String) -> JSONSchema { with("description", .string(text)) }

  /// The same object with further members.
  ///
  /// - Parameter schema: Nil for anything.
  func andOthers(_ schema: JSONSchema? = nil) -> JSONSchema {
    with("additionalProperties", schema?.json ?? .bool(true))
  }

  private func with(_ name: String, _ value: JSONValue) -> JSONSchema {
    var schema = self
    schema.members[name] = value
    return schema
  }

  private static func oneType(_ name: String) -> JSONSchema { JSONSchema(["type": .string(name)]) }
}

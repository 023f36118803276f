internal import CopurCore

extension SettingDescription {
  /// The values that the setting takes, as JSON Schema.
  var schema: JSONValue {
    var schema = type.schema
    schema["description"] = .string(summary)
    switch key {
    case "amplification":
      // A list of amplifications stands for as many attacks.
      return .object([
        "anyOf": .array([.object(schema), .object(["type": .string("array"), "items": .object(schema)])])
      ])
    case "agents" where isRequired:
      // An attack's, which may be any so many.
      let any: [String: JSONValue] = ["type": .string("integer"), "minimum": .number(1)]
      let search: [String: JSONValue] = [
        "type": .string("object"), "properties": .object(["any": .object(any), "of": .object(type.schema)]),
        "required": .array([.string("any")]), "additionalProperties": .bool(false),
      ]
      return .object(["anyOf": .array([.object(schema), .object(search)])])
    default: return .object(schema)
    }
  }
}

extension SettingType {
  /// As JSON Schema.
  fileprivate var schema: [String: JSONValue] {
    func integer(_ range: ClosedRange<Int>) -> [String: JSONValue] {
      [
        "type": .string("integer"), "minimum": .number(Double(range.lowerBound)),
        "maximum": .number(Double(range.upperBound)),
      ]
    }
    switch self {
    case .integer(let range): return integer(range)
    case .number(.any): return ["type": .string("number")]
    case .number(.positive): return ["type": .string("number"), "exclusiveMinimum": .number(0)]
    case .number(.nonNegative): return ["type": .string("number"), "minimum": .number(0)]
    case .number(.fraction): return ["type": .string("number"), "minimum": .number(0), "maximum": .number(1)]
    case .number(.underOne): return ["type": .string("number"), "minimum": .number(0), "exclusiveMaximum": .number(1)]
    case .number(.positiveFraction):
      return ["type": .string("number"), "exclusiveMinimum": .number(0), "maximum": .number(1)]
    case .boolean: return ["type": .string("boolean")]
    case .choice(_, let names): return ["enum": .array(names.map(JSONValue.string))]
    case .choiceWithSettings(_, let choices):
      return [
        "anyOf": .array(
          [.object(["enum": .array(choices.map { .string($0.name) })])]
            + choices.filter { !$0.settings.isEmpty }.map { .object(SettingType.mapping(of: $0.name, $0.keys).schema) })
      ]
    case .choiceOrInteger(_, let names, let range):
      return ["anyOf": .array([.object(["enum": .array(names.map(JSONValue.string))]), .object(integer(range))])]
    case .choiceOrNumber(_, let names, let rule):
      return [
        "anyOf": .array([
          .object(["enum": .array(names.map(JSONValue.string))]), .object(SettingType.number(rule).schema),
        ])
      ]
    case .text: return ["type": .string("string"), "minLength": .number(1)]
    case .className: return ["type": .array([.string("string"), .string("integer")])]
    case .mapping(_, let settings):
      guard !settings.isEmpty else { return ["type": .string("object")] }
      return [
        "type": .string("object"),
        "properties": .object(Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.schema) })),
        "required": .array(settings.filter(\.isRequired).map { .string($0.key) }), "additionalProperties": .bool(false),
      ]
    case .texts(_, let least):
      return [
        "type": .string("array"), "items": .object(["type": .array([.string("string"), .string("integer")])]),
        "minItems": .number(Double(least)), "uniqueItems": .bool(true),
      ]
    case .words:
      return [
        "type": .string("array"), "items": .object(["type": .array([.string("string"), .string("integer")])]),
        "minItems": .number(1),
      ]
    case .textsByAgent:
      return [
        "type": .string("object"),
        "additionalProperties": .object(["type": .string("array"), "items": .object(["type": .string("string")])]),
      ]
    }
  }
}

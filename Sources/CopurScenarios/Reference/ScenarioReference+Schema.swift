internal import CopurCore
internal import Foundation

extension ScenarioReference {
  /// A sweep, as JSON Schema.
  private static var sweep: JSONValue {
    let number = JSONValue.object(["type": .string("number")])
    let range = JSONValue.object([
      "type": .string("object"),
      "properties": .object([
        "from": number, "to": number, "step": number,
        "points": .object(["type": .string("integer"), "minimum": .number(2)]),
        "scale": .object(["enum": .array([.string("linear"), .string("log")])]),
      ]), "required": .array([.string("from"), .string("to")]), "additionalProperties": .bool(false),
    ])
    let values = JSONValue.object(["type": .string("array"), "minItems": .number(1)])
    let point = JSONValue.object(["type": .string("object"), "minProperties": .number(1)])
    return .object([
      "anyOf": .array([
        .object([
          "type": .string("object"), "minProperties": .number(1),
          "additionalProperties": .object(["anyOf": .array([values, range])]),
        ]),
        .object(["type": .string("array"), "minItems": .number(1), "items": point]),
      ])
    ])
  }

  /// The schema, JSON Schema 2020-12.
  public var schema: String {
    func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
      .object([
        "type": .string("object"), "properties": .object(properties),
        "required": .array(required.map(JSONValue.string)),
        "additionalProperties": .bool(false),
      ])
    }
    func kinds(_ sections: [Section], also: [String: JSONValue], required: [String] = []) -> [JSONValue] {
      sections.map { section in
        object(
          section.properties.merging(also) { own, _ in own }.merging(["kind": .object(["const": .string(section.name)])]
          ) { $1 },
          required: ["kind"] + required + section.settings.filter(\.isRequired).map(\.key))
      }
    }
    let text = JSONValue.object(["type": .string("string")])
    let byName = Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0) })
    func part(_ name: String) -> JSONValue { object(byName[name]?.properties ?? [:], required: []) }
    var training = byName["training"]?.properties ?? [:]
    training["alternatives"] = .object(["type": .string("array"), "items": part("training")])
    func defined(_ name: String) -> JSONValue { .object(["$ref": .string("#/$defs/\(name)")]) }
    let definitions: [String: JSONValue] = [
      "training": object(training, required: []), "manifold": part("manifold"), "protect": part("protect"),
      "rounds": part("rounds"), "launch": part("launch"),
      "parts": .object(["anyOf": .array(kinds(attacks, also: [:]))]),
    ]
    let names = JSONValue.object(["enum": .array(defenses.map { .string($0.name) })])
    let named = kinds(attacks, also: ["name": text], required: ["name"])
    let clean = object(["name": text], required: ["name"])
    let combined = object(
      ["name": text, "all": .object(["type": .string("array"), "items": defined("parts")])],
      required: ["name", "all"])
    let properties: [String: JSONValue] = [
      "name": text,
      "dataset": .object(["anyOf": .array(kinds(datasets, also: [:]))]),
      "agents": .object(["type": .string("array"), "items": text]),
      "training": defined("training"), "manifold": defined("manifold"), "protect": defined("protect"),
      "rounds": defined("rounds"), "launch": defined("launch"),
      "defenses": .object([
        "type": .string("array"),
        "items": .object([
          "anyOf": .array(
            [names]
              + kinds(
                defenses,
                also: [
                  "name": text, "training": defined("training"), "manifold": defined("manifold"),
                  "protect": defined("protect"),
                ]))
        ]),
      ]),
      "attacks": .object(["type": .string("array"), "items": .object(["anyOf": .array([clean, combined] + named)])]),
      "timeline": .object(["type": .string("object")]),
      "seeds": .object([
        "type": .string("array"), "items": .object(["type": .string("integer"), "minimum": .number(0)]),
      ]),
      "sweep": Self.sweep, "either": .object(["type": .string("array"), "items": text]),
    ]
    let root = JSONValue.object([
      "$schema": .string("https://json-schema.org/draft/2020-12/schema"), "title": .string("A scenario of copur"),
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
      "$defs": .object(definitions),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(root), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("texts and numbers can be encoded: \(error)")
    }
  }
}

extension ScenarioReference.Section {
  /// The settings' schemas by key; where kinds that share a section have a key in common, any of theirs.
  var properties: [String: JSONValue] {
    Dictionary(settings.map { ($0.key, $0.schema) }) { one, other in
      one == other ? one : .object(["anyOf": .array([one, other])])
    }
  }
}

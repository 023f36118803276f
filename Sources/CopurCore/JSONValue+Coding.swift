internal import Foundation

extension JSONValue {
  /// The JSON that a value is encoded as.
  public init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }

  /// The value that this JSON is the encoding of.
  ///
  /// - Throws: `DecodingError` if it is none.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }
}

extension JSONValue {
  /// The value in a line, as a scenario would write it.
  var compact: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(Float(number))"
    case .string(let text): text
    case .array(let items): "[\(items.map(\.compact).joined(separator: ", "))]"
    case .object(let members):
      "{ \(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.compact)" }.joined(separator: ", ")) }"
    }
  }
}

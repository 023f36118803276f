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

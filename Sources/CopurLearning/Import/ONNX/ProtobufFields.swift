internal import Foundation

/// The fields of a message in Protocol Buffers' wire format, one after the other, for a reader that wants few of them.
///
/// A model's file is read where it lies: nothing is copied but what is asked for, and no length is believed that goes
/// beyond the bytes that are there.
struct ProtobufFields {
  /// The value of a field.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(Data)
  }

  private let data: Data
  private var position: Data.Index

  init(_ data: Data) {
    self.data = data
    position = data.startIndex
  }

  /// The next field; nil at the end.
  ///
  /// - Throws: ``ImportError`` if the bytes are no field.
  mutating func next() throws -> (number: Int, value: Value)? {
    guard position < data.endIndex else { return nil }
    let key = try varint()
    guard (1...UInt64(1 << 29 - 1)).contains(key >> 3) else {
      throw ImportError("a field's number is 1 to 2²⁹ − 1 (actual: \(key >> 3), at byte \(position))")
    }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(data.endIndex - position) else {
        throw ImportError(
          "field \(number) is within the file (actual: \(length) bytes, of which \(data.endIndex - position) are there)"
        )
      }
      let end = position + Int(length)
      defer { position = end }
      return (number, .bytes(data[position..<end]))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw ImportError("a field's type is 0, 1, 2 or 5 (actual: \(key & 7) of field \(number))")
    }
  }

  /// Calls a function with each field.
  static func forEach(in data: Data, _ body: (Int, Value) throws -> Void) throws {
    var fields = ProtobufFields(data)
    while let (number, value) = try fields.next() { try body(number, value) }
  }

  /// The numbers of a packed field.
  static func varints(in data: Data) throws -> [UInt64] {
    var fields = ProtobufFields(data)
    var numbers: [UInt64] = []
    while fields.position < data.endIndex { numbers.append(try fields.varint()) }
    return numbers
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < data.endIndex else { throw ImportError("a number is within the file (it ends within one)") }
      let byte = UInt64(data[position])
      position += 1
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ImportError("a number has at most 10 bytes (at byte \(position))")
  }

  private mutating func fixed(_ count: Int) throws -> UInt64 {
    guard data.endIndex - position >= count else {
      throw ImportError("a number is within the file (it ends within one)")
    }
    defer { position += count }
    return (0..<count).reduce(UInt64(0)) { $0 | UInt64(data[position + $1]) << (8 * UInt64($1)) }
  }
}

extension ProtobufFields.Value {
  /// The bytes of a field that has some.
  func bytes(_ what: String) throws -> Data {
    guard case .bytes(let data) = self else { throw ImportError("\(what) has a length (actual: a number)") }
    return data
  }

  /// A text.
  func text(_ what: String) throws -> String {
    guard let text = String(validating: try bytes(what), as: UTF8.self) else {
      throw ImportError("\(what) is text in UTF-8")
    }
    return text
  }

  /// A whole number.
  func integer(_ what: String) throws -> Int {
    guard case .varint(let value) = self else { throw ImportError("\(what) is a whole number") }
    return Int(truncatingIfNeeded: value)
  }

  /// A 32-bit float.
  func float(_ what: String) throws -> Float {
    guard case .fixed32(let value) = self else { throw ImportError("\(what) is a number of 32 bits") }
    return Float(bitPattern: value)
  }

  /// The whole numbers of a field that may be packed.
  func integers(_ what: String) throws -> [Int] {
    if case .bytes(let data) = self { return try ProtobufFields.varints(in: data).map { Int(truncatingIfNeeded: $0) } }
    return [try integer(what)]
  }
}

/// Fields as Protobuf writes them; those of a value without presence are left out where it is the default.
extension [UInt8] {
  /// Seven bits a byte, the lowest first.
  package mutating func append(varint value: UInt64) {
    var value = value
    while value >= 0x80 {
      append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    append(UInt8(value))
  }

  package mutating func append(float value: Float) {
    Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) }
  }

  package mutating func append(field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    append(field << 3)
    append(varint: value)
  }

  package mutating func append(field: UInt8, _ value: Bool) {
    append(field << 3)
    append(value ? 1 : 0)
  }

  package mutating func append(field: UInt8, _ value: Float) {
    append(field << 3 | 5)
    append(float: value)
  }

  package mutating func append(field: UInt8, _ text: String) {
    guard !text.isEmpty else { return }
    append(field: field, length: text.utf8.count)
    append(contentsOf: text.utf8)
  }

  /// Appends the tag and the length that come before bytes.
  package mutating func append(field: UInt8, length: Int) {
    append(field << 3 | 2)
    append(varint: UInt64(length))
  }

  /// Also where there are none.
  package mutating func append(field: UInt8, bytes: [UInt8]) {
    append(field: field, length: bytes.count)
    self += bytes
  }
}

/// Reads the fields of a message, one after the other.
package struct ProtobufReader {
  private let bytes: UnsafeRawBufferPointer
  /// The place of the next byte among those of the whole message.
  package private(set) var position: Int
  /// The place at which the message ends.
  package let end: Int

  /// A reader of the bytes of a range.
  package init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    self.bytes = bytes
    (position, end) = (range.lowerBound, range.upperBound)
  }

  /// Whether there are no more fields.
  package var isAtEnd: Bool { position == end }

  /// A number; nil if it does not end, or has more than 63 bits.
  package mutating func varint() -> UInt64? {
    var (value, shift) = (UInt64(0), UInt64(0))
    while position < end, shift < 63 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  /// The place of bytes whose length is written before them; nil if they do not all lie in the message.
  package mutating func range() -> Range<Int>? {
    guard let length = varint(), length <= UInt64(end - position) else { return nil }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }
}

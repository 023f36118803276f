/// Fields as Protobuf writes them; those of a value without presence are left out where it is the default.
extension [UInt8] {
  mutating func append(varint value: UInt64) {
    var value = value
    while value >= 0x80 {
      append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    append(UInt8(value))
  }

  mutating func append(float value: Float) {
    Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) }
  }

  mutating func append(field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    append(field << 3)
    append(varint: value)
  }

  mutating func append(field: UInt8, _ value: Bool) {
    append(field << 3)
    append(value ? 1 : 0)
  }

  mutating func append(field: UInt8, _ value: Float) {
    append(field << 3 | 5)
    append(float: value)
  }

  mutating func append(field: UInt8, _ text: String) {
    guard !text.isEmpty else { return }
    append(field << 3 | 2)
    append(varint: UInt64(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  /// Also where there are none.
  mutating func append(field: UInt8, bytes: [UInt8]) {
    append(field << 3 | 2)
    append(varint: UInt64(bytes.count))
    self += bytes
  }
}

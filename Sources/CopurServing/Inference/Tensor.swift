/// The type of a tensor's values, by the protocol's name.
enum Datatype: String, Hashable, Sendable {
  case bool = "BOOL"
  /// Texts, which answers alone have.
  case bytes = "BYTES"
  case fp32 = "FP32"
  case int32 = "INT32"
  case int64 = "INT64"

  /// The number of bytes of a value in the binary extension; nil where each has a length of its own.
  var width: Int? {
    switch self {
    case .bool: 1
    case .bytes: nil
    case .fp32, .int32: 4
    case .int64: 8
    }
  }
}

/// A tensor's values, row by row.
enum TensorValues: Hashable, Sendable {
  case bool([Bool])
  case fp32([Float])
  case int32([Int32])
  case int64([Int64])
  case texts([String])

  var datatype: Datatype {
    switch self {
    case .bool: .bool
    case .texts: .bytes
    case .fp32: .fp32
    case .int32: .int32
    case .int64: .int64
    }
  }

  var count: Int {
    switch self {
    case .bool(let values): values.count
    case .fp32(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .texts(let values): values.count
    }
  }

  /// Little-endian, row by row; a text has its length in front, in four bytes.
  var bytes: [UInt8] {
    switch self {
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .fp32(let values): values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    case .int32(let values): values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    case .int64(let values): values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    case .texts(let values):
      values.flatMap { withUnsafeBytes(of: UInt32($0.utf8.count).littleEndian, Array.init) + Array($0.utf8) }
    }
  }

  /// Reads ``bytes``.
  ///
  /// - Returns: Nil if it is not a whole number of values, a BOOL that is neither 0 nor 1, or of texts.
  init?(_ datatype: Datatype, bytes: UnsafeRawBufferPointer) {
    guard let width = datatype.width, bytes.count.isMultiple(of: width) else { return nil }
    let count = bytes.count / width
    switch datatype {
    case .bytes: return nil
    case .bool:
      guard bytes.allSatisfy({ $0 <= 1 }) else { return nil }
      self = .bool(bytes.map { $0 == 1 })
    case .fp32:
      self = .fp32(
        (0..<count).map {
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        })
    case .int32:
      self = .int32(
        (0..<count).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) })
    case .int64:
      self = .int64(
        (0..<count).map { Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) })
    }
  }
}

/// A named tensor.
struct Tensor: Hashable, Sendable {
  var name: String
  var shape: [Int]
  var values: TensorValues
}

/// A tensor as metadata describes it; -1 is a variable size.
struct TensorDescription: Hashable, Sendable {
  var name: String
  var datatype: Datatype
  var shape: [Int]
}

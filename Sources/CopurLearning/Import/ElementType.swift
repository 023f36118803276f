internal import CopurNumerics
internal import Foundation

/// The types of numbers that weights come in. All are taken as 32-bit floats, the nearest where they are finer.
enum ElementType: String, CaseIterable {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"

  /// Bytes a number.
  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// The numbers in little-endian bytes.
  ///
  /// - Precondition: The bytes are whole numbers of this type.
  func values(in bytes: Data) -> [Float] {
    precondition(bytes.count % size == 0)
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / size).map { index in
        func load<Bits: FixedWidthInteger>(_ type: Bits.Type) -> Bits {
          Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: type))
        }
        switch self {
        case .float16: return Self.half(load(UInt16.self))
        case .bfloat16: return Float(bitPattern: UInt32(load(UInt16.self)) << 16)
        case .float32: return Float(bitPattern: load(UInt32.self))
        case .float64: return Float(Double(bitPattern: load(UInt64.self)))
        }
      }
    }
  }

  /// A number of IEEE 754's binary16.
  static func half(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Float(bits & 0x3FF))
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
      }
    return bits >> 15 == 1 ? -magnitude : magnitude
  }
}

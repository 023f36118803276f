package import CopurNumerics
package import CopurWire
internal import Foundation

extension Copur_V1_Numbers {
  /// Numbers in a format; those that are not finite, which no scale fits, in single precision.
  package init(_ matrix: Matrix, as format: QuantizedNumbers.Format) {
    self.init()
    guard let largest = format.largest, let numbers = QuantizedNumbers(matrix.values, largest: largest) else {
      float32 = matrix.values.withUnsafeBytes { Data($0) }
      return
    }
    scale = numbers.scale
    switch format {
    case .int8: int8 = Data(numbers.integers.map { UInt8(bitPattern: Int8(truncatingIfNeeded: $0)) })
    case .int16: int16 = numbers.integers.withUnsafeBytes { Data($0) }
    case .float32: break
    }
  }

  /// The numbers as a matrix.
  ///
  /// - Parameters:
  ///   - field: Its name in messages, for errors.
  /// - Throws: ``WireError`` if they are more or fewer, or not all finite.
  package func matrix(rows: Int, columns: Int, field: String) throws(WireError) -> Matrix {
    let values: [Float]
    if !int8.isEmpty {
      try Self.check(int8.count, rows: rows, columns: columns, each: 1, field: field)
      values = try scaled(int8.map { Int16(Int8(bitPattern: $0)) }, largest: .int8, field: field)
    } else if !int16.isEmpty {
      try Self.check(int16.count, rows: rows, columns: columns, each: 2, field: field)
      values = try scaled(Self.numbers(in: int16, filling: 0), largest: .int16, field: field)
    } else {
      try Self.check(float32.count, rows: rows, columns: columns, each: 4, field: field)
      values = Self.numbers(in: float32, filling: 0)
    }
    guard Self.isFinite(values.withUnsafeBufferPointer { Self.largestExponent($0) }) else {
      throw Self.notFinite(values.first { !$0.isFinite } ?? .nan, field: field)
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// Checks that there are as many bytes as numbers take.
  static func check(_ bytes: Int, rows: Int, columns: Int, each: Int, field: String) throws(WireError) {
    let expected = rows * columns * each
    guard bytes == expected else {
      throw WireError(
        field: field, rule: "\(rows) rows of \(columns) numbers have \(expected) bytes (actual: \(bytes))")
    }
  }

  /// The bits of the largest exponent: they say whether a number is NaN or infinite, without a branch a number.
  static func largestExponent(_ values: some Collection<Float>) -> UInt32 {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7F80_0000) }
    return largest
  }

  /// Whether numbers with this largest exponent are finite.
  static func isFinite(_ largestExponent: UInt32) -> Bool { largestExponent != 0x7F80_0000 }

  static func notFinite(_ value: Float, field: String) -> WireError {
    WireError(field: field, rule: "numbers are finite (actual: \(value))")
  }

  /// Bytes as numbers: of ``Data`` itself, as what it shares with other collections of bytes is many times as slow.
  private static func numbers<Number: BitwiseCopyable>(in data: Data, filling zero: Number) -> [Number] {
    var numbers = [Number](repeating: zero, count: data.count / MemoryLayout<Number>.size)
    numbers.withUnsafeMutableBytes { numbers in data.withUnsafeBytes { numbers.copyMemory(from: $0) } }
    return numbers
  }

  private func scaled(
    _ integers: [Int16], largest format: QuantizedNumbers.Format, field: String
  ) throws(WireError) -> [Float] {
    guard scale.isFinite, scale >= 0, let largest = format.largest else {
      throw WireError(field: field, rule: "a scale is finite and at least 0 (actual: \(scale))")
    }
    return QuantizedNumbers(scale: scale, integers: integers, largest: largest).values
  }
}

/// Bits in bytes, from each byte's lowest on.
enum PackedBits {
  static func data(_ bits: [Bool]) -> Data {
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (place, bit) in bits.enumerated() where bit { bytes[place / 8] |= 1 << UInt8(place % 8) }
    return Data(bytes)
  }

  /// - Throws: ``WireError`` if there are not as many bytes as the bits take.
  static func bits(_ data: Data, count: Int, field: String) throws(WireError) -> [Bool] {
    guard data.count == (count + 7) / 8 else {
      throw WireError(field: field, rule: "\(count) bits have \((count + 7) / 8) bytes (actual: \(data.count))")
    }
    return (0..<count).map { data[data.startIndex + $0 / 8] & (1 << UInt8($0 % 8)) != 0 }
  }
}

package import CopurNumerics
package import CopurWire

/// Numbers in single precision where they lie in a message, so that they are copied once: to where they are needed.
package struct SingleNumbers: Hashable, Sendable {
  private let message: [UInt8]
  private let range: Range<Int>

  /// The numbers of a message ``Copur_V1_Numbers``; nil if it has others than `float32`, or something else.
  ///
  /// - Parameters:
  ///   - message: The message that it is a part of.
  ///   - range: Where it lies there.
  init?(_ message: [UInt8], _ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    var fields = ProtobufReader(bytes, in: range)
    guard fields.varint() == 1 << 3 | 2, let numbers = fields.range(), fields.isAtEnd else { return nil }
    self.message = message
    self.range = numbers
  }

  /// The numbers as a matrix.
  ///
  /// - Parameter field: Its name in messages, for errors.
  /// - Throws: ``WireError`` if they are more or fewer, or not all finite.
  package func matrix(rows: Int, columns: Int, field: String) throws(WireError) -> Matrix {
    try Copur_V1_Numbers.check(range.count, rows: rows, columns: columns, each: 4, field: field)
    let values = [Float](unsafeUninitializedCapacity: rows * columns) { output, count in
      message.withUnsafeBytes { UnsafeMutableRawBufferPointer(output).copyMemory(from: .init(rebasing: $0[range])) }
      count = rows * columns
    }
    guard Copur_V1_Numbers.isFinite(values.withUnsafeBufferPointer { Copur_V1_Numbers.largestExponent($0) }) else {
      throw Copur_V1_Numbers.notFinite(values.first { !$0.isFinite } ?? .nan, field: field)
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }

  /// Copies the numbers to columns of a matrix.
  ///
  /// - Parameter field: Its name in messages, for errors.
  /// - Throws: ``WireError`` if they are more or fewer, or not all finite.
  func copy(to matrix: inout Matrix, columns: Range<Int>, field: String) throws(WireError) {
    let (rows, width, stride) = (matrix.rows, columns.count, matrix.columns)
    try Copur_V1_Numbers.check(range.count, rows: rows, columns: width, each: 4, field: field)
    let largest = matrix.values.withUnsafeMutableBufferPointer { output in
      message.withUnsafeBytes { message in
        var largest: UInt32 = 0
        for row in 0..<rows {
          let target = UnsafeMutableBufferPointer(
            rebasing: output[row * stride + columns.lowerBound..<row * stride + columns.upperBound])
          let start = range.lowerBound + 4 * row * width
          UnsafeMutableRawBufferPointer(target).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: message[start..<start + 4 * width]))
          largest = max(largest, Copur_V1_Numbers.largestExponent(target))
        }
        return largest
      }
    }
    guard Copur_V1_Numbers.isFinite(largest) else {
      let value = matrix.columns(columns).values.first { !$0.isFinite }
      throw Copur_V1_Numbers.notFinite(value ?? .nan, field: field)
    }
  }
}

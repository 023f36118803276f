internal import CCopurKernels

/// A dense matrix of `Float`, stored row by row: element (r, c) is `values[r * columns + c]`.
///
/// A batch is a matrix with one sample a row. Indices are the project's own, never a peer's, so an index out of range is
/// a programming error and traps.
public struct Matrix: Hashable, Sendable {
  /// The number of rows; 0 or more.
  public let rows: Int
  /// The number of columns; 0 or more.
  public let columns: Int
  /// The elements, row-major; `rows * columns` of them.
  public var values: [Float]

  /// A matrix filled with one value.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    precondition(rows >= 0 && columns >= 0)
    self.rows = rows
    self.columns = columns
    self.values = [Float](repeating: value, count: rows * columns)
  }

  /// A matrix of given elements.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - columns: Number of columns.
  ///   - values: Row-major elements; exactly `rows * columns` of them.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "\(rows) × \(columns) elements (actual: \(values.count))")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix of given rows, all of one width.
  public init(_ rows: [[Float]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of unequal widths")
    self.init(rows: rows.count, columns: columns, values: Array(rows.joined()))
  }

  /// A matrix without its elements set, for code that writes all of them.
  public init(
    rows: Int, columns: Int, initializingWith body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    self.rows = rows
    self.columns = columns
    self.values = try [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * columns)])
      whole.initialize(repeating: 0)
      try body(whole)
      count = rows * columns
    }
  }

  /// An element, row and column from 0.
  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The elements of one row.
  @inlinable
  public subscript(row row: Int) -> ArraySlice<Float> {
    get { values[row * columns..<(row + 1) * columns] }
    set {
      precondition(newValue.count == columns)
      values.replaceSubrange(row * columns..<(row + 1) * columns, with: newValue)
    }
  }

  /// The rows of the given numbers, in that order.
  public func selecting(rows numbers: some Collection<Int>) -> Matrix {
    let numbers = Array(numbers)
    precondition(numbers.allSatisfy { $0 >= 0 && $0 < rows })
    let count = numbers.count * columns
    let selected = [Float](unsafeUninitializedCapacity: count) { output, initialized in
      if let output = output.baseAddress { copur_gather(values, columns, numbers, numbers.count, output) }
      initialized = count
    }
    return Matrix(rows: numbers.count, columns: columns, values: selected)
  }

  /// The columns of a range, as a matrix of their own.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(rows: rows, columns: range.count) { output in
      values.withUnsafeBufferPointer { input in
        for row in 0..<rows {
          for column in 0..<range.count {
            output[row * range.count + column] = input[row * columns + range.lowerBound + column]
          }
        }
      }
    }
  }

  /// Replaces the columns of a range by those of another matrix with as many rows.
  public mutating func replaceColumns(_ range: Range<Int>, with source: Matrix) {
    precondition(source.rows == rows && source.columns == range.count && range.upperBound <= columns)
    let columns = columns
    values.withUnsafeMutableBufferPointer { output in
      source.values.withUnsafeBufferPointer { input in
        for row in 0..<source.rows {
          for column in 0..<range.count {
            output[row * columns + range.lowerBound + column] = input[row * range.count + column]
          }
        }
      }
    }
  }

  /// Rows of two matrices of one width, this one's first.
  public func appending(rows other: Matrix) -> Matrix {
    precondition(other.columns == columns)
    return Matrix(rows: rows + other.rows, columns: columns, values: values + other.values)
  }

  /// The transpose.
  public var transposed: Matrix {
    Matrix(rows: columns, columns: rows) { output in
      for row in 0..<rows {
        for column in 0..<columns { output[column * rows + row] = values[row * columns + column] }
      }
    }
  }

  /// Whether no element is NaN or infinite.
  public var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

internal import CopurNumerics

extension Matrix {
  /// Matrices of as many rows side by side.
  init(besides parts: [Matrix]) {
    let rows = parts.first?.rows ?? 0
    self.init(rows: rows, columns: parts.reduce(0) { $0 + $1.columns })
    var first = 0
    for part in parts {
      replaceColumns(first..<first + part.columns, with: part)
      first += part.columns
    }
  }

  /// Each row as often as said, one after the other.
  func repeatingEachRow(_ times: Int) -> Matrix {
    guard times != 1 else { return self }
    return Matrix(rows: rows * times, columns: columns) { output in
      values.withUnsafeBufferPointer { input in
        for row in 0..<rows * times {
          for column in 0..<columns { output[row * columns + column] = input[row / times * columns + column] }
        }
      }
    }
  }

  /// The sums of rows that stand one after the other.
  func sumsOfRows(inGroupsOf size: Int) -> Matrix {
    guard size != 1 else { return self }
    return Matrix(rows: rows / size, columns: columns) { output in
      values.withUnsafeBufferPointer { input in
        for row in 0..<rows / size * size {
          for column in 0..<columns { output[row / size * columns + column] += input[row * columns + column] }
        }
      }
    }
  }

  /// 1/(1 + e^−x) of each element, in place.
  mutating func applyLogistic() {
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = logistic(values[index]) }
    }
  }
}

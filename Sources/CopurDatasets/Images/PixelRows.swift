internal import CopurNumerics

/// Pictures as they are stored, a row each, before they become numbers of single precision: bytes take a quarter.
struct PixelRows: Sendable {
  /// The number of values of a row.
  let width: Int
  private let storage: Storage

  private enum Storage {
    case bytes(ArraySlice<UInt8>)
    case numbers([Float])
  }

  /// - Parameter bytes: 0 to 255, for 0 to 1; a multiple of the width.
  init(width: Int, bytes: ArraySlice<UInt8>) {
    self.width = width
    storage = .bytes(bytes)
  }

  /// - Parameter numbers: From 0 to 1; a multiple of the width.
  init(width: Int, numbers: [Float]) {
    self.width = width
    storage = .numbers(numbers)
  }

  /// Columns of the first rows, from 0 to 1.
  ///
  /// - Parameters:
  ///   - places: Which columns, in the order of the result.
  ///   - count: How many rows.
  func matrix(of places: [Int], rows count: Int) -> Matrix {
    Matrix(rows: count, columns: places.count) { output in
      places.withUnsafeBufferPointer { places in
        switch storage {
        case .bytes(let bytes):
          let scale = (0..<256).map { Float($0) / 255 }
          bytes.withUnsafeBufferPointer { input in
            scale.withUnsafeBufferPointer { scale in
              for row in 0..<count {
                let (from, to) = (row * width, row * places.count)
                for column in 0..<places.count { output[to + column] = scale[Int(input[from + places[column]])] }
              }
            }
          }
        case .numbers(let numbers):
          numbers.withUnsafeBufferPointer { input in
            for row in 0..<count {
              let (from, to) = (row * width, row * places.count)
              for column in 0..<places.count { output[to + column] = input[from + places[column]] }
            }
          }
        }
      }
    }
  }
}

public import CopurNumerics

/// The pictures that an attacker may choose from: at most ε from the given one in every value, and from 0 to 1.
public struct PictureBall: Sendable {
  /// The pictures as they were, [n, d], from 0 to 1.
  public let centers: Matrix
  /// ε of each picture, n of them.
  public let radii: [Float]
  private let lower: Matrix
  private let upper: Matrix

  /// - Parameters:
  ///   - centers: [n, d], from 0 to 1.
  ///   - radii: n of them, 0 or more.
  public init(_ centers: Matrix, radii: [Float]) {
    precondition(radii.count == centers.rows && radii.allSatisfy { $0 >= 0 })
    self.centers = centers
    self.radii = radii
    func moved(_ sign: Float) -> Matrix {
      Matrix(rows: centers.rows, columns: centers.columns) { result in
        centers.values.withUnsafeBufferPointer { centers in
          for row in radii.indices {
            let shift = sign * radii[row]
            for place in row * (centers.count / radii.count)..<(row + 1) * (centers.count / radii.count) {
              result[place] = min(max(centers[place] + shift, 0), 1)
            }
          }
        }
      }
    }
    lower = moved(-1)
    upper = moved(1)
  }

  /// - Parameters:
  ///   - centers: [n, d], from 0 to 1.
  ///   - radius: ε of all pictures, 0 or more.
  public init(_ centers: Matrix, radius: Float) {
    self.init(centers, radii: [Float](repeating: radius, count: centers.rows))
  }

  /// Brings each value to the nearest that is allowed.
  public func project(_ pictures: inout Matrix) {
    pictures.values.withUnsafeMutableBufferPointer { values in
      lower.values.withUnsafeBufferPointer { lower in
        upper.values.withUnsafeBufferPointer { upper in
          for index in 0..<values.count { values[index] = min(max(values[index], lower[index]), upper[index]) }
        }
      }
    }
  }

  /// Pictures whose values are drawn uniformly within ε, then cut to 0 to 1.
  ///
  /// - Parameter numbers: The number of each picture, from which with the seed its values follow.
  public func randomPictures(numbers: [Int], seed: UInt64) -> Matrix {
    var pictures = centers
    pictures.values.withUnsafeMutableBufferPointer { values in
      for (row, number) in numbers.enumerated() {
        var generator = SeededGenerator(seed: seed, purpose: "start of picture \(number)")
        for place in row * centers.columns..<(row + 1) * centers.columns {
          values[place] += generator.uniform(-radii[row], radii[row])
        }
      }
    }
    project(&pictures)
    return pictures
  }

  /// Moves each value by the picture's step in the direction of the gradient's sign, and no further than is allowed. A
  /// value whose slope is 0 or no number stays.
  ///
  /// - Parameters:
  ///   - pictures: [n, d].
  ///   - gradient: [n, d].
  ///   - steps: The length of each picture's step, n of them.
  func ascend(_ pictures: inout Matrix, along gradient: Matrix, by steps: [Float]) {
    let columns = centers.columns
    pictures.values.withUnsafeMutableBufferPointer { values in
      gradient.values.withUnsafeBufferPointer { gradient in
        for row in steps.indices {
          for place in row * columns..<(row + 1) * columns {
            let slope = gradient[place]
            if slope > 0 { values[place] += steps[row] } else if slope < 0 { values[place] -= steps[row] }
          }
        }
      }
    }
    project(&pictures)
  }
}

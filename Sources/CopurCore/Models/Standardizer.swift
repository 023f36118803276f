public import CopurNumerics

/// Brings features to mean 0 and standard deviation 1, and missing ones to 0, by statistics of training rows.
public struct Standardizer: Hashable, Sendable {
  /// The mean of each feature over the rows where it is present.
  public let means: [Float]
  /// The standard deviation of each feature (divisor n); ``withoutSpread`` for one that is constant or never present.
  public let standardDeviations: [Float]

  /// The standard deviation that stands for none at all: nothing was learned of such a feature, so that it counts as its mean
  /// whatever it is. Taken as it comes, a sensor that was stuck in training and moves later would outweigh all others.
  public static let withoutSpread = Float.greatestFiniteMagnitude

  /// - Precondition: A mean and a standard deviation a feature.
  public init(means: [Float], standardDeviations: [Float]) {
    precondition(means.count == standardDeviations.count)
    self.means = means
    self.standardDeviations = standardDeviations
  }

  /// Statistics of given rows, missing values (NaN) left out.
  public init(fitting rows: Matrix) {
    var means: [Float] = []
    var deviations: [Float] = []
    for column in 0..<rows.columns {
      var (count, sum) = (0.0, 0.0)
      for row in 0..<rows.rows where !rows[row, column].isNaN {
        count += 1
        sum += Double(rows[row, column])
      }
      let mean = count > 0 ? sum / count : 0
      var squares = 0.0
      for row in 0..<rows.rows where !rows[row, column].isNaN {
        let difference = Double(rows[row, column]) - mean
        squares += difference * difference
      }
      let deviation = count > 0 ? (squares / count).squareRoot() : 0
      means.append(Float(mean))
      // A constant's deviation is rounding error, not 0. Whatever its unit: no number of a size of its own decides that.
      let hasSpread = deviation > 1e-6 * mean.magnitude && Float(deviation).isNormal
      deviations.append(hasSpread ? Float(deviation) : Self.withoutSpread)
    }
    self.init(means: means, standardDeviations: deviations)
  }

  /// Standardised rows; what was NaN is 0, the mean.
  public func apply(to rows: Matrix) -> Matrix {
    precondition(rows.columns == means.count)
    return Matrix(rows: rows.rows, columns: rows.columns) { output in
      rows.values.withUnsafeBufferPointer { input in
        for row in 0..<rows.rows {
          for column in 0..<rows.columns {
            let value = input[row * rows.columns + column]
            output[row * rows.columns + column] =
              value.isNaN ? 0 : (value - means[column]) / standardDeviations[column]
          }
        }
      }
    }
  }

  /// One mean and one standard deviation for all pixels of a channel, so that a picture stays one: with those of each pixel an
  /// edge that is mostly black would count as much as the middle.
  ///
  /// - Parameter channels: How many values lie at each place; they divide the features.
  public func pooled(channels: Int) -> Standardizer {
    precondition(channels >= 1 && means.count % channels == 0)
    let places = Double(means.count / channels)
    var (means, deviations) = (self.means, standardDeviations)
    for channel in 0..<channels {
      let own = stride(from: channel, to: means.count, by: channels)
      let mean = own.reduce(0.0) { $0 + Double(self.means[$1]) } / places
      let variance = own.reduce(0.0) { sum, index in
        let (gap, deviation) = (Double(self.means[index]) - mean, standardDeviations[index])
        return sum + gap * gap + (deviation == Self.withoutSpread ? 0 : Double(deviation) * Double(deviation))
      }
      let deviation = Float((variance / places).squareRoot())
      for index in own {
        means[index] = Float(mean)
        deviations[index] = deviation.isNormal ? deviation : Self.withoutSpread
      }
    }
    return Standardizer(means: means, standardDeviations: deviations)
  }

  /// The statistics of a range of features.
  public subscript(_ range: Range<Int>) -> Standardizer {
    Standardizer(means: Array(means[range]), standardDeviations: Array(standardDeviations[range]))
  }
}
